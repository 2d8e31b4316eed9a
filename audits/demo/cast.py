"""Invented people, companies and bodies. No name, RUC or address here belongs to anybody we know of."""

from dataclasses import dataclass

DOMAIN = "demo.example"

# account: (first name, last name)
STAFF = {
    "coordinacion": ("Carmen", "Salazar Ríos"),
    "decision": ("Elena", "Salas Ortiz"),
    "admin": ("Andrés", "Tello Vega"),
    "monitor": ("Diego", "Paredes Luna"),
    "monitor2": ("Milagros", "Chávez Inga"),
    "monitor3": ("Julio", "Arana Solís"),
    "auditor": ("Patricia", "Núñez Campos"),
    "auditor2": ("Óscar", "Medina Rojas"),
    "revision": ("Rosario", "Linares Pardo"),
    "coordinacion2": ("Ricardo", "Vela Montes"),
}
BODIES = (
    # name, resolution, sectors, manager account, auditor account
    ("Certificadora Cordillera de Prueba", "RD-PRUEBA-014", "Alimentos, textil", "organismo", "externo"),
    ("Instituto Litoral de Evaluación (demo)", "RD-PRUEBA-021", "Alimentos, madera", "organismo2", "externo2"),
)
BODY_PEOPLE = {
    "organismo": ("Gabriela", "Fuentes Mori"),
    "externo": ("Ernesto", "Villar Quiroz"),
    "organismo2": ("Hugo", "Benites Caro"),
    "externo2": ("Lucía", "Zegarra Pinto"),
}
FIRST_NAMES = (
    "Rosa", "Hernán", "Luz", "Marco", "Silvia", "Iván", "Nelly", "Raúl", "Dina", "César", "Flor", "Jorge", "Ana",
    "Percy", "Juana", "Édgar", "Mirtha", "Abel", "Karina", "Tomás", "Norma", "Felipe", "Olga", "Saúl",
)  # fmt: skip
LAST_NAMES = (
    "Huamán Quispe", "Rivas Castillo", "Mamani Flores", "Espinoza Díaz", "Cárdenas Polo", "Ñahui Torres",
    "Vílchez Ramos", "Palomino Cruz", "Ticona Rey", "Chunga Silva", "Aliaga Soto", "Purizaca León", "Cóndor Rojas",
    "Saldaña Meza", "Yupanqui Lara", "Farfán Nieto",
)  # fmt: skip


@dataclass(frozen=True)
class Sector:
    activity: str
    products: str
    process: str
    tariff: str
    names: tuple
    flags: tuple


SECTORS = (
    Sector(
        "1030",
        "Mango, palta y berries congelados",
        "Recepción, selección, lavado, corte, congelado rápido, empaque y despacho.",
        "0811.90.90.00",
        ("Agroindustrial Pampa Serena", "Frutos de Quebrada Alta", "Congelados Bahía Mansa", "Valle Dorado Procesos"),
        ("usa_agua_en_proceso", "tiene_refrigeracion_o_aire_acondicionado", "usa_insumos_origen_biologico",
         "tarifa_electrica_con_potencia", "tiene_ptar"),
    ),
    Sector(
        "1073",
        "Pasta, manteca y tabletas de cacao",
        "Recepción de grano, limpieza, tostado, molienda, conchado, moldeo y empaque.",
        "1806.31.10.00",
        ("Cacaotera Río Manso", "Chocolates Lomaverde", "Aromas del Alto Valle", "Cacao Loma Clara"),
        ("usa_insumos_origen_biologico", "tiene_calderos_u_hornos", "tarifa_electrica_con_potencia"),
    ),
    Sector(
        "1430",
        "Prendas de punto de alpaca y algodón",
        "Tejido, lavado, teñido, corte, remallado, acabado y empaque.",
        "6110.19.30.00",
        ("Tejidos Wayra Serrana", "Hilandería Cumbre Azul", "Punto y Trama Sur", "Confecciones Vicuña Clara"),
        ("usa_agua_en_proceso", "tiene_calderos_u_hornos", "usa_sustancias_quimicas",
         "descarga_no_domestica_alcantarillado", "genera_residuos_peligrosos"),
    ),
    Sector(
        "1020",
        "Conservas y congelado de productos del mar",
        "Recepción, fileteado, cocción, envasado, esterilizado y congelado.",
        "1604.14.10.00",
        ("Conservas Puerto Sereno", "Marea Clara Procesadora", "Pesquera Brisa Quieta", "Congelados Ola Sur"),
        ("usa_agua_en_proceso", "tiene_calderos_u_hornos", "tiene_refrigeracion_o_aire_acondicionado", "tiene_ptar",
         "tiene_redes_termicas"),
    ),
    Sector(
        "1061",
        "Quinua, cañihua y kiwicha procesadas",
        "Saponificado, lavado, secado, selección óptica, molienda y envasado.",
        "1008.50.90.00",
        ("Granos Altiplano Dorado", "Molinos Kusi Wasi", "Semillas Pampa Nueva", "Cereales Puna Alta"),
        ("usa_agua_en_proceso", "usa_insumos_origen_biologico", "tiene_fuente_propia_agua"),
    ),
    Sector(
        "1079",
        "Polvos de maca, camu camu y lúcuma",
        "Lavado, deshidratado, pulverizado, tamizado, mezclado y envasado.",
        "2106.90.79.00",
        ("Naturales Selva Honda", "Superalimentos Tierra Quieta", "Raíces de Altura", "Hierbas Ceja Verde"),
        ("usa_insumos_origen_biologico", "tiene_aire_comprimido"),
    ),
    Sector(
        "1520",
        "Calzado de cuero para dama",
        "Corte, aparado, armado, pegado, acabado y empaque.",
        "6403.59.00.00",
        ("Calzados Huella Norte", "Cueros Paso Firme", "Manufacturas Valle Chico", "Botas Camino Sur"),
        ("usa_sustancias_quimicas", "genera_residuos_peligrosos", "tiene_aire_comprimido"),
    ),
    Sector(
        "1610",
        "Pisos y molduras de madera certificada",
        "Aserrado, secado en horno, cepillado, moldurado y embalaje.",
        "4409.29.10.00",
        ("Maderera Bosque Manso", "Pisos Tronco Noble", "Molduras Río Claro", "Tableros Selva Nueva"),
        ("tiene_emisiones_fuentes_fijas", "tiene_calderos_u_hornos", "gestiona_transporte"),
    ),
)  # fmt: skip
SUFFIXES = ("S.A.C.", "S.A.", "E.I.R.L.", "S.R.L.")
# Ubigeo of INEI and the municipality that licenses there.
PLACES = (
    ("110101", "Municipalidad Provincial de Ica"),
    ("200601", "Municipalidad Provincial de Sullana"),
    ("130101", "Municipalidad Provincial de Trujillo"),
    ("040101", "Municipalidad Provincial de Arequipa"),
    ("200501", "Municipalidad Provincial de Paita"),
    ("220901", "Municipalidad Provincial de San Martín"),
    ("080101", "Municipalidad Provincial del Cusco"),
    ("120101", "Municipalidad Provincial de Huancayo"),
    ("140101", "Municipalidad Provincial de Chiclayo"),
    ("021809", "Municipalidad Distrital de Nuevo Chimbote"),
    ("150501", "Municipalidad Provincial de Cañete"),
    ("070101", "Municipalidad Provincial del Callao"),
)
STREETS = ("Los Algarrobos", "Las Camelias", "Los Molinos", "El Sol", "Las Retamas", "Industrial", "Los Sauces")
COUNTRIES = ("Chile", "Estados Unidos", "Países Bajos", "España", "Japón", "Canadá", "Alemania")
EVIDENCE_TITLES = (
    "Política de ecoeficiencia firmada", "Registro mensual de consumo de agua", "Recibos de electricidad del año",
    "Plan de minimización y manejo de residuos", "Matriz IPERC vigente", "Programa de mantenimiento preventivo",
    "Acta del comité de ecoeficiencia", "Informe de auditoría interna", "Fotografías de la segregación en planta",
    "Registro de capacitación del personal", "Balance de materiales por línea", "Inventario de equipos y motores",
)  # fmt: skip
MEASURES = (
    # title, resource, kind, investment, saving, physical, unit
    ("Cambio a luminarias LED en planta", "energy", "technology", "18400.00", "12650.00", "21300.00", "kWh"),
    ("Recuperación de agua de enjuague", "water", "reuse", "26500.00", "9800.00", "3120.00", "m3"),
    ("Ajuste del punto de corte para bajar la merma", "materials", "control", "0.00", "31200.00", "4.80", "t"),
    ("Segregación y venta de cartón y plástico", "waste", "housekeeping", "2300.00", "5400.00", "7.20", "t"),
    ("Aislamiento de líneas de vapor", "energy", "maintenance", "9700.00", "7350.00", "1450.00", "gal"),
    ("Variadores de velocidad en bombas", "energy", "technology", "42000.00", "18500.00", "32900.00", "kWh"),
)
