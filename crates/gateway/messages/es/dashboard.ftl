# The frame of every page of the dashboard.
skip-to-content = Ir al contenido
sandbox-label = Entorno de pruebas
sandbox-mark = Entorno de pruebas: aquí nada es dinero real
support-label = Vista de asistencia
support-mark = Está viendo las páginas de { $merchant } y no puede cambiar nada.
stopped-label = Detenido por el operador
stopped-mark = El operador ha detenido este negocio. Nada nuevo empieza: ni facturas, ni pagos en las abiertas, ni pagos a tarjetas. Lo que ha empezado se termina, y lo que se debe se liquida. Motivo:
support-leave = Volver a las páginas del operador
operator-badge = Operador
place-number = Comercio { $number }
nav-label = Páginas
crumbs-label = Dónde está
lang-label = Idioma
switch-to = Cambiar a { $merchant }
to-operator = A las páginas del operador
to-home = A la página de inicio
sign-out = Cerrar sesión
flash-signed-out = Ha cerrado la sesión.
not-found = Aquí no hay nada
not-found-help = Puede que la dirección esté mal escrita, o que lo que nombra no sea suyo.
forbidden = Su rol no lo permite
forbidden-help = Si lo necesita, pida a un propietario o administrador de su equipo que cambie su rol.
foreign-form = No se ha podido aceptar este formulario
foreign-form-help = Estuvo abierto demasiado tiempo o no se envió desde nuestra página. No se ha cambiado nada. Abra la página de nuevo y repita.
too-many = Demasiadas solicitudes
too-many-help = Espere un minuto e inténtelo de nuevo.
too-large = Es demasiado grande
too-large-help = Un formulario con sus archivos puede ocupar 2 MB.
unavailable = Ahora no es posible
unavailable-help = Espere un momento e inténtelo de nuevo. Si continúa, avise a quien gestiona esta pasarela.
email = Correo electrónico
password = Contraseña
login-title = Iniciar sesión
login-button = Iniciar sesión
login-wrong = El correo o la contraseña no es correcto.
login-unconfirmed = Esta dirección aún no está confirmada. Use el enlace del mensaje que le enviamos.
login-wait = { $minutes ->
    [one] Demasiados intentos. Inténtelo de nuevo en un minuto.
   *[other] Demasiados intentos. Inténtelo de nuevo en { $minutes } minutos.
}
nav-home = Inicio
nav-merchants = Comercios
merchant-name = Nombre
merchant-number = Número de comercio
settlement-wallet = Monedero de liquidación
wallet-missing = Ninguno todavía
look-at = Ver
