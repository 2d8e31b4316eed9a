from companies.models import Duty

# Who sets dates, parameters, documents and letters of an edition.
KEEPERS = (Duty.COORDINATOR, Duty.ADMINISTRATOR)
