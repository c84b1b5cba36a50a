# Mensajes a la dirección del comercio y a la del operador: el asunto y el cuerpo.
news-merchant-signed = Comercio { $number }, { $name }. Si no fue usted, avise enseguida al operador de la pasarela.
news-operator-signed = Si no fue usted, alguien puede escribir la configuración de su pasarela.
news-wallet-entered = Se ha introducido su monedero de liquidación
    .body =
        Su monedero de liquidación es { $address } desde ahora.

        { news-merchant-signed }
news-wallet-pending = Se ha introducido su monedero de liquidación
    .body =
        { $address } se ha introducido como su monedero de liquidación. Todavía no está activo.

        { news-merchant-signed }
news-wallet-none = Se ha quitado su monedero de liquidación
    .body =
        Ya no tiene monedero de liquidación.

        { news-merchant-signed }
news-wallet-change = Su monedero de liquidación va a cambiar
    .body =
        Su monedero de liquidación cambiará de { $old } a { $new } el { $until } UTC. Hasta entonces se le paga en { $old }, y el cambio puede cancelarse.

        { news-merchant-signed }
news-wallet-canceled = Se ha cancelado el cambio de su monedero de liquidación
    .body =
        Se ha cancelado el cambio de su monedero de liquidación a { $new }. Se le paga en { $old }.

        { news-merchant-signed }
news-wallet-changed = Su monedero de liquidación ha cambiado
    .body =
        Su monedero de liquidación es { $new } desde ahora. Antes era { $old }.

        { news-merchant-signed }
news-wallet-active = Su monedero de liquidación está activo
    .body =
        Su monedero de liquidación { $address } se ha comprobado y está activo. Desde ahora se le puede pagar en él.

        { news-merchant-signed }
news-wallet-refused = Su monedero de liquidación no se ha aceptado
    .body =
        El monedero de liquidación { $address } no se ha aceptado: { $reason }

        Introduzca otro, o el mismo cuando eso esté resuelto.

        { news-merchant-signed }
news-sender-added = Se ha añadido un monedero a la lista de la que vienen sus fondos
    .body =
        Desde el { $until } UTC, los fondos para sus pagos pueden venir de { $wallet }, y solo de los monederos de su lista.

        { news-merchant-signed }
news-sender-removed = Se ha quitado un monedero de la lista de la que vienen sus fondos
    .body =
        Desde el { $until } UTC, { $wallet } ya no está en la lista de monederos de los que vienen sus fondos.

        { news-merchant-signed }
news-key-rotated = Se ha creado una clave de API nueva
    .body =
        Se ha creado una clave de API nueva. Las demás que pueden hacerlo todo valen otras 24 horas. Lo hizo { $by }.

        { news-merchant-signed }
news-key-made = Se ha creado una clave de API nueva
    .body =
        Se ha creado una clave de API más. Lo hizo { $by }.

        { news-merchant-signed }
news-key-ended = Se ha anulado una clave de API
    .body =
        La clave de API que empieza por { $key } ya no vale. Lo hizo { $by }.

        { news-merchant-signed }
news-merchant-stopped = El operador ha detenido su negocio
    .body =
        El operador de la pasarela ha detenido el comercio { $number }, { $name }: { $reason }

        No se pueden crear facturas nuevas, ni hacer pagos nuevos en las abiertas, ni pagos a tarjetas. Lo que ha empezado se termina, lo que se le debe se liquida, y los reembolsos, notificaciones y listas continúan.
news-merchant-resumed = Su negocio continúa
    .body =
        El operador de la pasarela deja que el comercio { $number }, { $name }, continúe. Se pueden volver a crear facturas y hacer pagos.
news-callback-moved = Las notificaciones van a otro sitio
    .body =
        Las notificaciones van a { $new } desde ahora; antes, a { $old }. Lo hizo { $by }.

        { news-merchant-signed }
news-secret-rotated = Se ha creado un secreto de webhook nuevo
    .body =
        Se ha creado un secreto de webhook nuevo. Durante 24 horas las notificaciones se firman con los dos. Lo hizo { $by }.

        { news-merchant-signed }
news-wallet-waits = El monedero de un comercio espera su aprobación
    .body =
        El comercio { $number }, { $name }, ha introducido el monedero de liquidación { $address }. Espera su aprobación.
news-treasury-set = Se ha fijado una tesorería
    .body =
        La tesorería en { $chain } es { $new } desde ahora: es la primera allí.

        { news-operator-signed }
news-treasury-change = La tesorería va a cambiar
    .body =
        La configuración nombra { $new } como tesorería en { $chain }; hasta ahora es { $old }. Pasa a ser la tesorería el { $until } UTC. Hasta entonces no se envía nada desde ella, y `lockgate treasury cancel-change` lo anula.

        { news-operator-signed }
news-treasury-renamed = Se ha cancelado el cambio de tesorería
    .body =
        { $new } no pasa a ser la tesorería en { $chain }: la configuración nombra ahora otra.

        { news-operator-signed }
news-treasury-canceled = Se ha cancelado el cambio de tesorería
    .body =
        { $new } no pasa a ser la tesorería en { $chain }: el operador lo ha anulado.

        { news-operator-signed }
news-treasury-changed = La tesorería ha cambiado
    .body =
        La tesorería en { $chain } es { $new } desde ahora. Antes era { $old }.

        { news-operator-signed }
news-refund-link = Su reembolso: ¿adónde debe ir?
    .body =
        { $merchant } le devuelve { $amount } { $coin } por la factura { $number }. Abra esta página e introduzca la dirección en { $chain } en la que quiere recibirlos:

        { $page }

        El enlace funciona una sola vez, hasta el { $until } UTC. Quien lo tenga decide adónde va el dinero: no se lo pase a nadie. Si no lo esperaba, no haga nada.
