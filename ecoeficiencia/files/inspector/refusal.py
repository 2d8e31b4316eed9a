class Refused(Exception):
    """The file is not taken. `code` names the sentence (ecoeficiencia/files/sentences.py), `facts` fill it in."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts
