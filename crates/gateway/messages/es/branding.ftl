# Lo que los pagadores ven de un comercio, y lo que reciben.
branding-title = Lo que ven los pagadores
branding-help = Su logotipo y su color en la página del pagador, en las páginas de los enlaces de pago y de los reembolsos, y en la caja; las formas de pago; el idioma en que escribe a los pagadores, y los recibos por correo.
branding-open = Logotipo, color, formas de pago, idioma y recibos
branding-logo = Logotipo
branding-logo-now = Está arriba en la página del pagador, en lugar de su nombre.
branding-logo-none = Aún no tiene logotipo: los pagadores ven su nombre.
branding-logo-file = Imagen
branding-logo-hint = PNG, JPEG o WebP, de 512 KB como máximo. Se reduce para caber en 512 × 160 píxeles; lo transparente sigue así.
branding-logo-save = Subir el logotipo
branding-logo-remove = Quitar el logotipo
branding-colour = Color
branding-colour-field = Color del botón principal
branding-colour-hint = Seis cifras hexadecimales después de #. El texto del botón es negro o blanco, según lo que se lea mejor.
branding-colour-save = Guardar el color
branding-colour-remove = Quitar el color
branding-contrast = Cómo se lee
branding-contrast-help = Un texto necesita un contraste de { $needed } a 1. Donde su color solo tendría menos, los enlaces y las marcas toman uno que basta; el botón conserva el suyo.
branding-on-button = Texto del botón
branding-on-light = Enlaces en una página clara
branding-on-dark = Enlaces en una página oscura
branding-is-white = blanco, { $contrast } a 1
branding-is-black = negro, { $contrast } a 1
branding-is-own = su color, { $contrast } a 1
branding-is-other = { $colour }, { $contrast } a 1; su color tendría { $own } a 1
branding-preview = Vista previa
branding-preview-light = En una página clara
branding-preview-dark = En una página oscura
branding-preview-button = Pagar
branding-preview-link = Otras formas de pago
branding-ways = Idioma y recibos
branding-lang = Idioma de los pagadores
branding-lang-hint = La página del pagador habla el idioma de su navegador. Este es para navegadores cuyo idioma no tenemos, y para los correos.
branding-receipts = Enviar al pagador un recibo por correo cuando se paga una factura
branding-ways-save = Guardar
branding-offered = Formas de pago
branding-offered-hint = Lo que usted desactiva ya no se ofrece en ninguna factura. Quien esté pagando así en este momento puede terminar, y todo lo que aún llegue se registra.
branding-way-not-allowed = El operador no lo ha configurado para usted.
branding-coins = Monedas para los pagadores
branding-coins-hint = Una factura hecha para una moneda la conserva, y también un pagador que ha empezado con una. Las monedas que añade el operador se ofrecen mientras no las quite.
wrong-logo-none = Elija primero una imagen.
wrong-logo-bytes = Este archivo pasa de 512 KB.
wrong-logo-svg = No se acepta SVG, porque un archivo así puede contener scripts. Guarde el logotipo como PNG y súbalo.
wrong-logo-picture = No es un PNG, JPEG o WebP que se pueda leer.
wrong-logo-large = Esta imagen tiene demasiados píxeles: como máximo 4096 por lado, y 4 millones en total.
wrong-logo-small = Esta imagen es demasiado pequeña o estrecha: reducida a 512 × 160 píxeles, cada lado necesita al menos 16.
wrong-colour = Escriba el color con # y seis cifras hexadecimales, por ejemplo #0b6a50.
wrong-lang = Elija uno de los idiomas.
wrong-way = El operador no lo ha configurado para usted. Pídaselo primero.
wrong-ways = Deje al menos una forma de pago.
wrong-coins = Deje al menos una moneda, o desactive las criptomonedas por completo.
flash-logo-set = El logotipo está guardado. Los pagadores lo ven desde ahora.
flash-logo-removed = El logotipo se ha quitado.
flash-bad-no-logo = No hay logotipo que quitar.
flash-colour-set = El color está guardado.
flash-colour-removed = El color se ha quitado.
flash-ways-set = Guardado.
flash-offered-set = Guardado. Esto es lo que se ofrece a los pagadores desde ahora.
mail-title = Correo al pagador
mail-receipt-help = El recibo va a { $email } en PDF.
mail-receipt-button = Enviar el recibo
mail-invoice-help = La factura va a { $email } en PDF, con un enlace a la página del pagador.
mail-invoice-button = Enviar la factura
mail-enough = En 24 horas se enviaron tres correos sobre esta factura, o mil en total. Por ahora es suficiente.
mail-not-now = No hay nada que enviar en este estado de la factura.
flash-mail-written = El correo está en camino.
act-receipt-mail = envió el recibo al pagador
act-invoice-mail = envió la factura al pagador
letter-receipt-subject = Recibo de la factura { $number } de { $merchant }
letter-receipt = Hola:

    { $merchant } ha recibido su pago de { $amount } por la factura { $number }. El recibo va adjunto en PDF.

    Si usted no hizo este pago, escriba al vendedor y no a esta dirección: este correo lo envía una máquina.
letter-invoice-subject = Factura { $number } de { $merchant }
letter-invoice = Hola:

    { $merchant } le pide que pague { $amount } por la factura { $number }. Puede pagar aquí:

    { $page }

    La factura va adjunta en PDF.

    Si no conoce esta factura, no haga nada. Este correo lo envía una máquina; el vendedor responde a las preguntas.
branding-frames = Página de pago en un marco
branding-frames-label = Sitios que pueden mostrarla
branding-frames-hint = Uno por línea, diez como máximo, cada uno con https:// y un host. Sin ninguno, ningún sitio puede mostrarla en un marco, que es lo más seguro. Las páginas de los bancos a menudo rechazan estar en un marco: mejor envíe a los pagadores a la página.
wrong-frames = { $word } no es un sitio: escriba https:// y el host, con un puerto si lo tiene, y nada después.
wrong-frames-many = Diez sitios como máximo.
flash-frames-set = Guardado.
