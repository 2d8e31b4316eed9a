"""Steps 1 and 2: a visitor becomes a company with an application handed in."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from companies.ruc import check_digit
from ecoeficiencia.mailbox import letters
from programs.models import Application

from .world import press

RUC = "20999" + "77001"
RUC += str(check_digit(RUC))
MAIL, PASSWORD = "rosa.salinas@conservas-del-alba.example", "una-clave-de-prueba"


def ago(days):
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def rosa(world):
    """The browser of the company's person, who has an account from the second step on."""
    return world.visitor("rosa")


def visitor_reads_and_checks(world):
    page = rosa(world)
    world.go(page, "/")
    world.look(page, "01-portada")
    press(page, re.compile("autoevaluación|puede postular", re.I))
    for group in page.get_by_role("group").filter(has=page.get_by_role("radio")).all():
        group.get_by_label("Sí", exact=True).check()
    page.get_by_label("¿Cuándo empezó a operar?").fill(ago(300))
    page.get_by_label("Correo", exact=True).fill("conservas@gmail.com")
    page.get_by_label("Página web").fill("conservas-del-alba.example")
    world.look(page, "01-autoevaluacion")
    press(page, "Ver el resultado")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Todavía le faltan 2 requisitos")
    world.look(page, "01-resultado")
    press(page, "Cambiar mis respuestas")
    page.get_by_label("¿Cuándo empezó a operar?").fill("2015-03-02")
    page.get_by_label("Correo", exact=True).fill(MAIL)
    press(page, "Ver el resultado")
    expect(page.get_by_role("heading", level=1)).to_have_text("Por lo que nos dice, puede postular")


def sign_up_with_the_code_of_the_mail(world):
    page = rosa(world)
    press(page, "Crear una cuenta")
    page.get_by_role("textbox", name="Nombres").fill("Rosa")
    page.get_by_role("textbox", name="Apellidos").fill("Salinas Vega")
    page.get_by_role("textbox", name="Correo electrónico").fill(MAIL)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_label("Acepto el tratamiento").check()
    world.look(page, "01-crear-cuenta")
    page.locator("main").get_by_role("button", name="Crear cuenta", exact=True).click()
    expect(page.get_by_role("heading", name="Confirme su correo")).to_be_visible()
    world.work()
    from django.conf import settings

    letter = next(one for one in letters(settings.EMAIL_FILE_PATH) if MAIL in one.to)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", letter.text, re.M).group(1)
    page.get_by_label("Código").fill(code)
    world.look(page, "01-codigo")
    press(page, "Confirmar")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    world.look(page, "02-sin-empresa")


def register_the_company(world):
    page = rosa(world)
    world.go(page, "/empresa/nueva/")
    page.get_by_label("RUC", exact=False).first.fill(RUC[:-1] + str((int(RUC[-1]) + 1) % 10))
    page.get_by_label("Razón social").fill("Conservas del Alba de Prueba S.A.C.")
    page.get_by_label("Representante legal").check()
    press(page, "Registrar", exact=True)
    assert page.locator(".errsum").evaluate("e => e === document.activeElement")
    world.look(page, "02-ruc-equivocado")
    page.get_by_label("RUC", exact=False).first.fill(RUC)
    press(page, "Registrar", exact=True)
    world.facts["company"] = int(re.search(r"/empresa/(\d+)/", page.url).group(1))
    world.go(page, f"/empresa/{world.facts['company']}/")
    world.look(page, "02-inicio-empresa")


def leave_a_draft_and_return(world):
    page = rosa(world)
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, "Empezar la postulación")
    world.facts["application"] = int(re.search(r"/postulacion/(\d+)/", page.url).group(1))
    world.go(page, f"/empresa/postulacion/{world.facts['application']}/")
    unmet = page.locator(".why-l li", has_text="Falta")
    assert unmet.count() >= 3, unmet.all_inner_texts()
    world.look(page, "02-borrador")
    world.go(page, f"/empresa/postulacion/{world.facts['application']}/presentar/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Todavía no puede presentar")
    assert page.locator(".why-l li", has_text="Falta").count() >= 3
    world.look(page, "02-no-puede-presentar")
    press(page, "Volver a la postulación")
    page.get_by_role("link", name="Empresa", exact=True).last.click()
    page.get_by_label("Partida registral").fill("11077001")
    page.get_by_label("Oficina registral").fill("Ica")
    page.get_by_label("Inicio de operaciones").fill("2015-03-02")
    page.get_by_label("Tamaño").select_option("small")
    expect(page.locator("#guardado")).to_contain_text("Guardado a las")
    world.look(page, "02-seccion")
    world.go(page, f"/empresa/{world.facts['company']}/")
    press(page, "Continuar la postulación")
    page.get_by_role("link", name="Empresa", exact=True).last.click()
    expect(page.get_by_label("Partida registral")).to_have_value("11077001")
    press(page, "Guardar y seguir")


def complete_the_sections(world):
    page, pk = rosa(world), world.facts["application"]
    world.go(page, f"/empresa/postulacion/{pk}/representacion/")
    page.get_by_label("Nombres y apellidos").fill("Rosa Salinas Vega")
    page.get_by_label("Número de documento").fill("40770011")
    page.get_by_label("Cargo").fill("Gerente general")
    page.get_by_label("Vigencia de poder").fill(ago(20))
    press(page, "Guardar y volver")
    _site(world, page)
    world.go(page, f"/empresa/postulacion/{pk}/exportaciones/")
    press(page, "Añadir exportación")
    page.get_by_label("Declaración aduanera").fill("118-2026-40-077001")
    page.get_by_label("Fecha de embarque").fill(ago(60))
    page.get_by_label("Partida arancelaria").fill("2005.60.00.00")
    page.get_by_role("combobox", name="País de destino").fill("España")
    page.get_by_label("Valor FOB").fill("48,500.00")
    press(page, "Guardar", exact=True)
    world.look(page, "02-exportaciones")
    world.go(page, f"/empresa/postulacion/{pk}/proceso/")
    page.get_by_role("combobox", name="Actividad económica").press_sequentially("conservacion frutas")
    page.get_by_role("option", name="1030").click()
    page.get_by_label("Productos").fill("Espárrago en conserva")
    page.get_by_label("Proceso de producción").fill("Recepción, pelado, envasado y esterilizado.")
    press(page, "Guardar y volver")
    world.go(page, f"/empresa/postulacion/{pk}/comunicaciones/")
    page.get_by_label("Teléfono").fill("956 123 456")
    page.get_by_label("Correo corporativo").fill("contacto@conservas-del-alba.example")
    page.get_by_label("Página web").fill("www.conservas-del-alba.example")
    press(page, "Guardar y volver")
    _papers(world, page)


def _site(world, page):
    pk = world.facts["application"]
    world.go(page, f"/empresa/postulacion/{pk}/sedes/")
    press(page, "Añadir sede")
    page.get_by_label("Nombre de la sede").fill("Planta Alba")
    page.get_by_role("combobox", name="Distrito").press_sequentially("ica ica")
    page.get_by_role("option", name="Ica, Ica, Ica", exact=True).click()
    page.get_by_label("Nombre de la vía").fill("Los Molinos")
    page.get_by_label("Número, manzana").fill("120")
    page.get_by_label("Qué se produce").fill("Conservas de espárrago")
    world.look(page, "02-sede")
    press(page, "Guardar", exact=True)
    for label, number, day in (("Licencia", "LIC-77", 500), ("ITSE", "ITSE-77", 90)):
        page.get_by_role("link", name=re.compile(f"Registrar.*{label}")).click()
        page.get_by_label("Número").fill(number)
        page.get_by_label("Municipalidad").fill("Municipalidad Provincial de Ica")
        page.get_by_label("Emitido el").fill(ago(day))
        page.get_by_label("Archivo").set_input_files(world.file(f"{number}.pdf"))
        press(page, "Guardar", exact=True)
    world.look(page, "02-sedes")


def _papers(world, page):
    """What the catalogue of the edition asks for besides the papers of each site."""
    world.go(page, f"/empresa/postulacion/{world.facts['application']}/documentos/")
    world.look(page, "02-documentos")
    press(page, "Vigencia de poder", exact=True)
    page.get_by_label("Archivos").set_input_files(world.file("poder.pdf"))
    page.get_by_label("Emitido el").fill(ago(15))
    press(page, "Guardar", exact=True)
    expect(page.get_by_text("Este PDF no tiene firmas digitales.")).to_be_visible()
    world.look(page, "02-documento")


def _code_to_sign():
    from django.conf import settings

    letter = next(one for one in letters(settings.EMAIL_FILE_PATH) if "Código para firmar" in one.subject)
    return re.search(r"^\s*(\d{6})\s*$", letter.text, re.M).group(1)


def accept_the_statement_and_hand_in(world):
    page, pk = rosa(world), world.facts["application"]
    world.go(page, f"/empresa/postulacion/{pk}/declaracion/")
    page.get_by_label("He leído el texto").check()
    world.look(page, "02-declaracion")
    press(page, "Enviarme el código para firmar")
    expect(page.get_by_label("Código que recibió")).to_be_focused()
    expect(page.get_by_label("Código que recibió")).to_be_in_viewport()
    world.work()
    page.get_by_label("Código que recibió").fill(_code_to_sign())
    world.look(page, "02-declaracion-codigo")
    press(page, "Firmar", exact=True)
    world.go(page, f"/empresa/postulacion/{pk}/")
    world.look(page, "02-lista-para-presentar")
    press(page, "Revisar y presentar")
    world.look(page, "02-presentar")
    press(page, "Presentar", exact=True)
    number = Application.objects.get(pk=pk).number
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    world.work()
    page.reload()
    expect(page.get_by_role("link", name="Expediente, versión 1")).to_be_visible()
    world.look(page, "02-presentada")


# To apply.
STEPS = (
    visitor_reads_and_checks,
    sign_up_with_the_code_of_the_mail,
    register_the_company,
    leave_a_draft_and_return,
    complete_the_sections,
    accept_the_statement_and_hand_in,
)
