"""What is said when a file is not taken: what is wrong with which file, and how to mend it."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "empty": _("«%(name)s» está vacío (0 bytes). Elija el archivo otra vez."),
    "size": _("«%(name)s» pesa %(size)s MB. El máximo es %(limit)s MB; puede dividirlo."),
    "kind": _("«%(name)s» no es un archivo admitido: cuenta su contenido, no su nombre. Se admite: %(kinds)s."),
    "broken": _("«%(name)s» está dañado o incompleto: no se puede abrir. Vuelva a exportarlo y súbalo."),
    "incomplete": _("«%(name)s» está dañado o incompleto: le falta el final. Vuelva a exportarlo y súbalo."),
    "password": _("«%(name)s» tiene contraseña. Guárdelo sin contraseña y súbalo otra vez."),
    "protected": _(
        "«%(name)s» está protegido contra cambios. Ábralo, elija «Imprimir» y «Guardar como PDF», y suba esa copia."
    ),
    "old_office": _(
        "«%(name)s» tiene contraseña o es de una versión antigua de Office. "
        "Guárdelo sin contraseña como XLSX o DOCX, o como PDF, y súbalo otra vez."
    ),
    "no_pages": _("«%(name)s» no tiene páginas. Vuelva a exportarlo y súbalo."),
    "pages": _("«%(name)s» tiene %(pages)s páginas. El máximo es %(limit)s; divídalo en partes."),
    "pixels": _("«%(name)s» es demasiado grande en píxeles. Redúzcala a menos de 64 megapíxeles y súbala otra vez."),
    "expands": _("«%(name)s» se expande demasiado al abrirlo. Quite lo que no haga falta, o divídalo."),
    "demanding": _(
        "«%(name)s» pide demasiada memoria o tiempo para abrirlo. Expórtelo otra vez, más simple, o divídalo."
    ),
    "members": _("«%(name)s» tiene %(count)s partes por dentro. El máximo es %(limit)s; divídalo."),
    "rows": _("«%(name)s» tiene más de %(limit)s filas. Divídalo."),
    "two_in_one": _("«%(name)s» es dos archivos en uno. Ábralo, guárdelo con otro nombre y suba esa copia."),
    "macros": _("«%(name)s» contiene macros. Guárdelo sin macros (XLSX o DOCX corriente) y súbalo otra vez."),
    "inserted": _(
        "«%(name)s» lleva otro archivo incrustado. Pegue los gráficos y documentos como imagen, o súbalos aparte."
    ),
    "external": _(
        "«%(name)s» trae datos de otros archivos o sitios. En Excel: Datos, Editar vínculos, Romper vínculo. "
        "En Word, pegue las imágenes en el documento. Luego súbalo otra vez."
    ),
    "dde": _("«%(name)s» tiene campos que traen datos de otros programas. Conviértalos en texto y súbalo otra vez."),
    "entities": _("«%(name)s» tiene definiciones que un documento de Office no usa. Guárdelo otra vez desde Office."),
    "script": _(
        "«%(name)s» contiene un programa (JavaScript). Ábralo, elija «Imprimir» y «Guardar como PDF», y suba esa copia."
    ),
    "launch": _(
        "«%(name)s» contiene una acción que abre programas o envía datos. "
        "Ábralo, elija «Imprimir» y «Guardar como PDF», y suba esa copia."
    ),
    "attached": _("«%(name)s» lleva otros archivos adjuntos. Suba cada uno por separado, y el PDF sin adjuntos."),
    "xfa": _(
        "«%(name)s» es un formulario dinámico (XFA). Ábralo, elija «Imprimir» y «Guardar como PDF», y suba esa copia."
    ),
    "media": _("«%(name)s» lleva audio, video o 3D. Ábralo, elija «Imprimir» y «Guardar como PDF», y suba esa copia."),
    "formula": _(
        "«%(name)s» tiene en la fila %(row)s una celda que empieza como fórmula. "
        "Deje el valor, sin el signo inicial, o súbalo como XLSX."
    ),
    "csv_row": _("«%(name)s» tiene en la fila %(row)s algo que no se puede leer. Guárdelo otra vez como CSV."),
    "no_columns": _("«%(name)s» no tiene columnas. Guárdelo como CSV separado por comas o punto y coma."),
    "busy": _("No pudimos revisar «%(name)s» ahora: hay muchos en revisión. Espere un minuto y súbalo otra vez."),
    "unverifiable": _(
        "«%(name)s» no es verificable: la revisión se interrumpió tres veces. Expórtelo otra vez, mejor como PDF."
    ),
    "no_space": _(
        "No pudimos guardar «%(name)s»: el servidor se quedó sin espacio y ya avisamos. Lo demás sigue guardado; "
        "inténtelo más tarde."
    ),
    "infected": _("«%(name)s» contiene un virus conocido y no se guardó. Revise su equipo con un antivirus."),
}  # fmt: skip
