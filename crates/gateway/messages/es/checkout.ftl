# Las páginas de quien paga. Palabras sencillas, frases cortas, sin jerga.

lang-nav = Idioma
sandbox-ribbon = Entorno de pruebas: sin dinero real
order-for = Para { $email }
order-reference = Referencia { $reference }

choose-heading = ¿Cómo quiere pagar?
choose-help = Elija una moneda y su red. A partir de ahí, el precio queda fijado durante un tiempo.
choose-none = Ahora mismo no hay ninguna forma de pago disponible. Consulte al comercio.
choose-network = en { $network }
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
cancel = Cancelar este pago
cancel-sure = Cancele solo si no ha enviado nada.
cancel-yes = Sí, cancelar

confirming-heading = Pago detectado
confirming-help = La red lo está confirmando. No tiene que hacer nada y puede cerrar esta página.
received-heading = Pagado
received-help = Su pago ha llegado. ¡Gracias! Puede volver a la tienda.
settled-heading = Pagado y completado
settled-help = Su pago ha llegado y el comercio ha recibido el dinero. Puede volver a la tienda.
failed-heading = El pago no se ha realizado
failed-help = Esta factura no está pagada. Si ha salido dinero de su cuenta, consulte al comercio e indique la referencia { $reference }.
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
