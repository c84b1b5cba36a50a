# Las páginas de quien paga. Palabras sencillas, frases cortas, sin jerga.

lang-nav = Idioma
sandbox-ribbon = Entorno de pruebas: sin dinero real
order-for = Para { $email }
order-reference = Referencia { $reference }

choose-heading = ¿Cómo quiere pagar?
choose-help = Elija una moneda y su red. A partir de ahí, el precio queda fijado durante un tiempo.
choose-none = Ahora mismo no hay ninguna forma de pago disponible. Consulte al comercio.
choose-network = en { $network }
choose-coins = Criptomonedas
method-card = Tarjeta
method-card-help = de crédito o débito
method-upi-help = con cualquier aplicación UPI
way-unavailable = Esta forma de pago no está disponible en este momento. No se ha cobrado nada. Elija otra o inténtelo de nuevo en unos minutos.
no-price = Esa moneda no tiene precio en este momento. Elija otra o inténtelo de nuevo dentro de un minuto.

pay-heading = Pagar con { $symbol } en { $network }
pay-amount = Envíe exactamente
pay-left = Falta por pagar
pay-part = Hemos detectado { $paid } de { $total }. Envíe el resto a la misma dirección.
pay-qr = Código QR con la dirección y el importe
pay-qr-help = Escanéelo con su monedero
pay-address = A esta dirección
pay-wallet = Abrir en el monedero
pay-warning = Envíe solo { $symbol } por la red { $network }. Cualquier otro envío no pagará esta factura.
pay-fee = Si su monedero o plataforma descuenta una comisión del importe, súmela para que llegue la cantidad completa.
pay-waiting = Esperando su pago. Esta página se actualiza sola.
copy-amount = Copiar importe
copy-address = Copiar dirección
copied = Copiado

card-heading = Pagar con tarjeta
card-sandbox = Este es un entorno de pruebas. No introduzca nunca una tarjeta real.
card-number = Número de tarjeta
card-number-hint = Parece que hay un error en este número. Compárelo con su tarjeta.
card-expiry = Caducidad
card-expiry-help = Mes y año, como { $example }
card-code = Código de seguridad
card-code-help = 3 cifras en el reverso; American Express: 4 en el anverso
card-code-three = Las 3 cifras del reverso
card-code-four = Las 4 cifras del anverso
card-holder = Nombre que figura en la tarjeta
card-pay = Pagar { $amount }
card-busy = Enviando, espere por favor…
card-elsewhere = Introducirá su tarjeta en la página segura de { $provider } y después volverá aquí.
card-unavailable = Ahora mismo no se puede pagar con tarjeta. Elija otra forma de pago o consulte al comercio.
card-needs-script = Aquí, para pagar con tarjeta hace falta JavaScript. Actívelo o elija otra forma de pago.
card-fields-label = Datos de la tarjeta
card-fields-help = Lo que escriba va directamente a { $provider }. Ni la tienda ni esta página lo ven.
card-fields-failed = No se han podido cargar los campos de la tarjeta. Vuelva a cargar la página o elija otra forma de pago.

card-problem = Corrija lo siguiente
card-number-missing = Introduzca el número de tarjeta.
card-number-invalid = Este número de tarjeta no es válido. Compárelo con su tarjeta.
card-expiry-missing = Introduzca la fecha de caducidad.
card-expiry-invalid = Introduzca el mes y el año de caducidad, como { $example }.
card-expiry-past = Esta tarjeta ha caducado. Use otra.
card-code-missing = Introduzca el código de seguridad.
card-code-invalid = El código de seguridad de esta tarjeta tiene { $digits } cifras.
card-holder-missing = Introduzca el nombre que figura en la tarjeta.
card-holder-number = Eso parece un número de tarjeta. Escriba aquí el nombre, y el número en su propio campo.

declined-heading = La tarjeta ha sido rechazada
declined-funds = Según su banco, no hay saldo suficiente para este pago. Use otra tarjeta u otra forma de pago.
declined-again = Su banco no ha podido aprobarlo en este momento. Inténtelo de nuevo o use otra tarjeta.
declined-code = El código de seguridad no era correcto. Compruébelo e inténtelo de nuevo.
declined-expired = Según su banco, esta tarjeta ha caducado. Use otra.
declined-authentication = Su banco no ha podido confirmar que era usted. Inténtelo de nuevo o use otra tarjeta.
declined-other = Su banco ha rechazado este pago y puede decirle por qué. Use otra tarjeta u otra forma de pago.

continue-bank-heading = Su banco le pide que confirme
continue-bank-help = Confirme el pago en la página de su banco. Después volverá aquí.
continue-bank = Ir a su banco
continue-provider = Continuar a { $provider }
continue-going = Le estamos llevando allí. Si no ocurre nada, pulse el botón.

test-cards = Tarjetas de prueba
test-approved = aceptada
test-challenge = el banco pide confirmación (3-D Secure)
test-declined = rechazada
test-funds = saldo insuficiente; se puede intentar de nuevo
test-soft = rechazada al principio; después pide 3-D Secure
test-chargeback = pagada; más tarde, contracargo
test-withheld = pagada, pero retenida para revisión
test-lost = cobrada, pero la respuesta se pierde

upi-heading = Pagar con UPI
upi-amount = Pague exactamente
upi-rate = Tipo de cambio: { $rate }
upi-until = Pague antes de las { $time } UTC
upi-last-minute = Queda menos de un minuto para pagar.
upi-open = Abrir la aplicación UPI
upi-qr-show = Mostrar el código QR
upi-qr = Código QR para aplicaciones UPI
upi-qr-help = Escanéelo con cualquier aplicación UPI
upi-simulated = Abrir la aplicación UPI simulada
upi-preparing = Se está preparando el pago UPI. Esta página se actualiza sola.
upi-unavailable = Ahora mismo no se puede pagar con UPI. Elija otra forma de pago o consulte al comercio.

vpa-to = A este identificador UPI
vpa-reference = Con esta referencia
copy-vpa = Copiar identificador UPI
copy-reference = Copiar referencia
vpa-waiting = Esperando a que el comercio confirme que su pago ha llegado. Esta página se actualiza sola.
rrn-label = ¿Ya ha pagado? Introduzca la referencia bancaria de 12 cifras
rrn-help = Su aplicación UPI la muestra en los detalles del pago, como UTR, RRN o referencia UPI. Ayuda al comercio a encontrar su pago.
rrn-send = Enviar la referencia
rrn-malformed = Esto no es una referencia bancaria. Tiene exactamente 12 cifras.
rrn-used = Esta referencia bancaria pertenece a otro pago. Compruébela.
rrn-correct = Corregir la referencia bancaria
claimed-heading = El comercio está comprobando su pago
claimed-help = Ha indicado la referencia bancaria { $rrn }. No vuelva a pagar. Puede cerrar esta página; el comercio confirmará cuando llegue el dinero.

quote-until = Precio válido hasta las { $time } UTC
quote-left = Tiempo restante
quote-last-minute = Queda menos de un minuto con este precio.
quote-expired-heading = Este precio ha caducado
quote-expired-help = Pida un precio nuevo antes de enviar nada. Si ya ha enviado el dinero, no haga nada: el pago aparecerá aquí.
quote-new = Obtener un precio nuevo

seen-heading = Pagos detectados hasta ahora
seen-confirmations = { $needed ->
    [one] { $seen } de { $needed } confirmación
   *[other] { $seen } de { $needed } confirmaciones
}
seen-final = Confirmado
seen-reversed = Anulado por la red: ya no cuenta
seen-tx = Transacción { $tx }

change-currency = Pagar con otra moneda
change-help = ¿Ya ha enviado algo? Entonces no cambie de moneda.
change-method = Pagar de otra forma
change-help-paid = ¿Ya ha pagado? Entonces quédese aquí y no vuelva a pagar.
cancel = Cancelar este pago
cancel-sure = Cancele solo si no ha enviado nada.
cancel-sure-paid = Cancele solo si no ha pagado.
cancel-yes = Sí, cancelar

confirming-heading = Pago detectado
confirming-help = La red lo está confirmando. No tiene que hacer nada y puede cerrar esta página.
processing-card-heading = Su pago con tarjeta se está procesando
processing-upi-heading = Su pago UPI se está procesando
processing-help = No vuelva a pagar. No tiene que hacer nada y puede cerrar esta página.
received-heading = Pagado
received-help = Su pago ha llegado. ¡Gracias! Puede volver a la tienda.
settled-heading = Pagado y completado
settled-help = Su pago ha llegado y el comercio ha recibido el dinero. Puede volver a la tienda.
failed-heading = El pago no se ha realizado
failed-help = Esta factura no está pagada. Si ha salido dinero de su cuenta, consulte al comercio e indique la referencia { $reference }.
failed-declined-heading = El pago ha sido rechazado
failed-declined-help = Su banco o el proveedor de pagos lo ha rechazado y esta factura no está pagada. Su banco puede decirle por qué. ¿Tiene preguntas? Consulte al comercio e indique la referencia { $reference }.
canceled-heading = Ha cancelado este pago
canceled-help = No tiene que hacer nada más. Si aun así ha enviado dinero, consulte al comercio e indique la referencia { $reference }.
expired-heading = Esta factura ha caducado
expired-help = No envíe nada más a su dirección. Si ya ha enviado dinero, consulte al comercio e indique la referencia { $reference }.
withheld-heading = Su pago se está revisando
withheld-help = El dinero ha llegado y está retenido durante la revisión. No vuelva a pagar. ¿Tiene preguntas? Consulte al comercio e indique la referencia { $reference }.
chargeback-heading = Este pago ha sido devuelto
chargeback-help = El banco ha recuperado el dinero a petición del pagador (contracargo). ¿No lo esperaba? Consulte al comercio e indique la referencia { $reference }.

notice-overpaid = Ha pagado { $amount } más de lo solicitado.
notice-late = Han llegado { $amount } después de cerrarse esta factura.
notice-wrong-token = Han llegado { $amount } por { $network }. Esta factura no pedía esa moneda.
notice-other-amount = Se han cobrado { $amount }, que no es lo que se pidió. No pague de nuevo, por favor.
notice-kept = Ha quedado registrado y el comercio está informado. Su dinero no se ha perdido: ha llegado al comercio. Consúltele e indique la referencia { $reference }.

return-to = Volver a { $merchant }
return-auto = Volverá automáticamente en unos segundos.
return-stay = Quedarme en esta página

not-found-heading = Página de pago no encontrada
not-found-help = Este enlace está incompleto o ya no es válido. Vuelva a la tienda y empiece el pago de nuevo.
too-many-heading = Demasiadas solicitudes
too-many-help = Espere un momento y vuelva a cargar la página.
try-again = Reintentar
success-heading = Pago realizado
success-help = ¡Gracias! Se informará a la tienda. Puede cerrar esta página.
cancel-heading = Pago cancelado
cancel-help = Puede cerrar esta página o volver a la tienda.
pending-heading = Pago en curso
pending-help = Se informará a la tienda en cuanto se confirme. No vuelva a pagar. Puede cerrar esta página.

refund-heading = Su reembolso
refund-help = { $merchant } le devuelve { $amount }. Indique la dirección en la que quiere recibirlo.
refund-warning = Solo una dirección de la red { $network } que pueda recibir { $symbol }. Lo que se envía a una dirección equivocada se pierde para siempre. En una plataforma de intercambio, use la dirección de depósito de esta misma moneda y red.
refund-address = Su dirección en { $network }
refund-address-help = Empieza por 0x. Cópiela de su monedero en vez de escribirla.
refund-address-malformed = Esto no es una dirección. Consta de 0x y otras 40 letras y cifras.
refund-address-mistyped = Esta dirección está mal escrita: las mayúsculas y minúsculas no concuerdan. Cópiela de nuevo de su monedero.
refund-address-ours = Esta dirección no es suya: pertenece a la tienda, a la página de pago o a la propia moneda.
refund-continue = Continuar
refund-not-now = El reembolso no se puede hacer en este momento. No se ha enviado nada y su enlace sigue siendo válido. Inténtelo más tarde o consulte al comercio.
refund-sure-heading = ¿Es esta su dirección?
refund-sure-help = Compárela entera con su monedero. Una vez confirmada, no se puede cambiar.
refund-confirm = Sí, enviar { $amount } ahí
refund-change = Usar otra dirección
refund-confirmed-heading = Su dirección está confirmada
refund-confirmed-help = Se enviarán { $amount } a esta dirección. No tiene que hacer nada más y puede cerrar esta página.
refund-done-heading = Su reembolso ha llegado
refund-done-help = Se han enviado { $amount } a esta dirección.
refund-failed-heading = El reembolso no se ha realizado
refund-failed-help = No se ha enviado nada. Consulte al comercio e indique la referencia { $reference }.
refund-gone-heading = Este enlace de reembolso no es válido
refund-gone-help = Está incompleto, es demasiado antiguo o fue sustituido por uno más reciente. Pida otro al comercio.

link-heading = Pagar a { $merchant }
link-amount = Importe en { $currency }
link-between = De { $min } a { $max }.
link-at-least = Como mínimo { $min }.
link-at-most = Como máximo { $max }.
link-amount-malformed = Introduzca un importe como 25 o 25,50.
link-amount-above = Es más de lo que se puede pagar aquí.
link-amount-below = Es menos de lo que se puede pagar aquí.
link-email = Su dirección de correo electrónico
link-email-help = La tienda le escribirá allí si hay que aclarar algo sobre su pago.
link-email-malformed = Esto no es una dirección de correo electrónico.
link-continue = Continuar al pago
link-not-now = El pago no puede empezar en este momento. No se ha cobrado nada. Inténtelo más tarde o pregunte a la tienda.
link-off-heading = Este enlace de pago está desactivado
link-off-help = La tienda ya no lo usa. Pídale otro.
link-expired-heading = Este enlace de pago ha caducado
link-expired-help = Solo valía durante un tiempo. Pida otro a la tienda.
link-paid-heading = Este enlace de pago ya está pagado
link-paid-help = Era para un solo pago, y ya ha llegado. No tiene que hacer nada más.
