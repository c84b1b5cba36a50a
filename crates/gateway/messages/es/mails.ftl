# Mails to people about their accounts: the subject, and the body.
mail-if-not-you = Si no fue usted, cambie la contraseña de inmediato y cierre las sesiones que no conozca.
mail-confirm = Confirme su dirección
    .body =
        Abra este enlace para confirmar que esta dirección es suya. Vale 3 días.

        { $link }
mail-already-there = Ya tiene una cuenta
    .body =
        Alguien, quizá usted, ha pedido una cuenta con esta dirección, que ya tiene una. Entre en { $base }/login o elija una contraseña nueva en { $base }/forgot. Si no fue usted, no hay nada que hacer.
mail-reset = Elija una contraseña nueva
    .body =
        Abra este enlace para elegir una contraseña nueva. Funciona una sola vez, durante una hora.

        { $link }

        Si no lo pidió, no hay nada que hacer.
mail-new-browser = Ha entrado un navegador nuevo
    .body =
        Se ha entrado en su cuenta desde { $ip } con un navegador que no conocíamos:

        { $agent }

        { mail-if-not-you }
        { $base }/account/
mail-password-changed = Su contraseña ha cambiado
    .body =
        Su contraseña ha cambiado y las demás sesiones se han cerrado. Si no fue usted, elija otra en { $base }/forgot.
mail-factor-on = El acceso en dos pasos está activado
    .body =
        Desde ahora se pide el código de una aplicación. { mail-if-not-you }
mail-factor-off = El acceso en dos pasos está desactivado
    .body =
        Desde ahora solo se pide su contraseña. { mail-if-not-you }
mail-recovery-codes = Se crearon códigos de recuperación nuevos
    .body =
        Se crearon códigos de recuperación nuevos para su cuenta; los anteriores ya no valen. { mail-if-not-you }
mail-codes-off = Los códigos de su aplicación están desactivados
    .body =
        Se sigue pidiendo una de sus llaves de acceso. { mail-if-not-you }
mail-passkey-added = Se ha añadido una llave de acceso
    .body =
        La llave de acceso «{ $name }» da acceso a su cuenta desde ahora. { mail-if-not-you }
        { $base }/account/passkeys
mail-passkey-removed = Se ha quitado una llave de acceso
    .body =
        La llave de acceso «{ $name }» se ha quitado de su cuenta. { mail-if-not-you }
mail-passkey-last = Se ha quitado su última llave de acceso
    .body =
        La llave de acceso «{ $name }» se ha quitado de su cuenta. Desde ahora solo se pide su contraseña. { mail-if-not-you }
mail-passkey-refused = Se ha rechazado una llave de acceso
    .body =
        Alguien intentó entrar con la llave de acceso «{ $name }», cuyo contador de usos ha retrocedido: puede haber una copia. Quítela y añada una nueva: { $base }/account/passkeys

        { mail-if-not-you }
mail-invited = Le invitan a un equipo
    .body =
        { $by } le invita a trabajar con { $merchant }. Abra este enlace en un plazo de 7 días:

        { $link }
mail-joined = Alguien se ha unido a su equipo
    .body =
        { $who } pertenece ahora al equipo de { $merchant }: { $base }/client/team
mail-removed = Ya no pertenece a un equipo
    .body =
        Ya no pertenece al equipo de { $merchant }.
mail-disabled = Su cuenta ha cambiado
    .body =
        Su cuenta se ha desactivado. Si cree que es un error, pregunte al operador de la pasarela.

        { $base }
mail-enabled = Su cuenta ha cambiado
    .body =
        Su cuenta vuelve a funcionar: puede entrar.

        { $base }
mail-operator-added = Su cuenta ha cambiado
    .body =
        Desde ahora es operador de esta pasarela.

        { $base }
mail-operator-ended = Su cuenta ha cambiado
    .body =
        Ya no es operador de esta pasarela.

        { $base }
