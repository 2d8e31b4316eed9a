"""A list of pending accounts as PROMPERÚ would import it, of companies that do not take part; and ready phrases."""

from datetime import timedelta

from companies.models import TableImport
from companies.ruc import check_digit
from programs.models import Phrase

OWING = (
    ("2099991001", "Económica", "Textiles del Rímac de Demostración S.A.C.", "Feria Alimentaria, saldo por pagar"),
    ("2099991002", "Documentaria", "Joyas de Cusco de Demostración S.R.L.", "Encuesta de resultados sin entregar"),
)


PHRASES = (
    ("licence", "No se lee el número ni el giro de la licencia. Suba el documento completo y legible."),
    ("itse", "El certificado ITSE vence antes del cierre de la convocatoria. Adjunte el renovado."),
    ("exports", "La declaración no está a nombre de su empresa. Registre una en la que figure como exportador."),
    ("", "El documento está incompleto: faltan páginas."),
)


def create(people, today):
    for condition, text in PHRASES:
        Phrase.objects.create(condition=condition, text=text)
    lines = ["RUC;Tipo;Razón social;Detalle"]
    lines += [";".join((f"{ruc}{check_digit(ruc)}", *more)) for ruc, *more in OWING]
    facts = {"filename": "cuentas-pendientes.csv", "as_of": today - timedelta(days=4), "by": people["coordinacion"]}
    content = "\r\n".join(lines).encode("utf-8-sig")
    TableImport.receive("debtors", content=content, **facts).confirm(by=people["coordinacion"])
    # Another one, of today, that nobody has confirmed yet.
    TableImport.receive("debtors", content=content, **facts | {"as_of": today})
