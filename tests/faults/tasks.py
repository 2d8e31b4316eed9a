from ecoeficiencia.jobs import handles


@handles("faults.poison")
def poison():
    raise ValueError("this job never works")
