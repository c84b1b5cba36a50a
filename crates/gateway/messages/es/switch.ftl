# The way between a live gateway and its sandbox.
switch-label = Real o entorno de pruebas
switch-live = Real
switch-back = Volver al real
switch-refused = No se le ha dejado entrar
switch-expired = Esta entrada ha tardado demasiado: está abierta un minuto.
switch-used = Esta entrada ya se usó: cada una vale una sola vez.
switch-foreign = Este entorno de pruebas no puede leer quién le envía. Entre desde sus páginas de la pasarela real.
switch-elsewhere = Esta entrada se empezó en otro navegador o hace demasiado tiempo.
switch-disabled = Su cuenta está desactivada en este entorno de pruebas. Su operador puede activarla.
switch-again = Intentarlo de nuevo
switch-about = Aquí nada es dinero real. Las tiendas prueban aquí cómo venden: lo que se paga es solo simulado y no se cobra a nadie.
switch-about-merchants = ¿Es su tienda? Entonces, en su página, usted es el pagador y el banco.
switch-controls = A la página del entorno de pruebas
flash-bad-switch-support = Solo los miembros del equipo de este comercio pueden entrar en su entorno de pruebas.
flash-bad-switch-undone = Su visita al entorno de pruebas había terminado, así que lo que envió no se hizo. Ya está dentro de nuevo: hágalo otra vez.
# The sandbox's page, where merchants of one gateway share a sandbox.
sb-intro-shared = Aquí usted es el pagador y el banco de sus propias facturas. Nada es dinero real. Todos los comercios comparten la cadena y el reloj: nadie mueve el reloj, y los bloques llegan con cada pago en criptomonedas, lo haga quien lo haga, así que el suyo puede confirmarse antes de lo que espera.
sb-wrong-outcome = Esto no puede ocurrir aquí.
sb-coins-title = Añadir fondos a su saldo
sb-coins-help = Envía monedas de prueba a la tesorería, como desde su cartera. Después las declara, como en la pasarela real; la declaración ya viene rellena.
sb-coins-button = Enviar monedas de prueba
flash-sb-coins = Las monedas están enviadas. Declárelas ahora.
