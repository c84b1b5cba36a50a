# Mails to people about their accounts: the subject, and the body.
mail-if-not-you = अगर यह आप नहीं थे, तो तुरंत अपना पासवर्ड बदलें और जिन सत्रों को आप नहीं पहचानते उन्हें बंद करें।
mail-confirm = अपने पते की पुष्टि करें
    .body =
        यह पता आपका है, इसकी पुष्टि के लिए यह लिंक खोलें। यह 3 दिन तक चलेगा।

        { $link }
mail-already-there = आपका खाता पहले से है
    .body =
        किसी ने, शायद आपने, इस पते से खाता माँगा है, जिसका खाता पहले से है। { $base }/login पर साइन इन करें, या { $base }/forgot पर नया पासवर्ड चुनें। अगर यह आप नहीं थे, तो कुछ करने की ज़रूरत नहीं।
mail-reset = नया पासवर्ड चुनें
    .body =
        नया पासवर्ड चुनने के लिए यह लिंक खोलें। यह एक बार, एक घंटे तक काम करता है।

        { $link }

        अगर आपने यह नहीं माँगा, तो कुछ करने की ज़रूरत नहीं।
mail-new-browser = एक नए ब्राउज़र से साइन इन हुआ
    .body =
        आपके खाते में { $ip } से एक ऐसे ब्राउज़र से साइन इन हुआ जिसे हम नहीं जानते थे:

        { $agent }

        { mail-if-not-you }
        { $base }/account/
mail-password-changed = आपका पासवर्ड बदल गया
    .body =
        आपका पासवर्ड बदल गया और बाकी सभी सत्र बंद हो गए। अगर यह आप नहीं थे, तो { $base }/forgot पर दूसरा चुनें।
mail-factor-on = दो चरणों वाला साइन इन चालू है
    .body =
        अब से ऐप का कोड पूछा जाएगा। { mail-if-not-you }
mail-factor-off = दो चरणों वाला साइन इन बंद है
    .body =
        अब से केवल आपका पासवर्ड पूछा जाएगा। { mail-if-not-you }
mail-codes-off = आपके ऐप के कोड बंद हैं
    .body =
        आपकी कोई पासकी अब भी पूछी जाएगी। { mail-if-not-you }
mail-passkey-added = एक पासकी जोड़ी गई
    .body =
        पासकी “{ $name }” अब से आपके खाते में साइन इन कराती है। { mail-if-not-you }
        { $base }/account/passkeys
mail-passkey-removed = एक पासकी हटाई गई
    .body =
        पासकी “{ $name }” आपके खाते से हटा दी गई। { mail-if-not-you }
mail-passkey-last = आपकी आख़िरी पासकी हटाई गई
    .body =
        पासकी “{ $name }” आपके खाते से हटा दी गई। अब से केवल आपका पासवर्ड पूछा जाएगा। { mail-if-not-you }
mail-passkey-refused = एक पासकी अस्वीकार हुई
    .body =
        किसी ने पासकी “{ $name }” से साइन इन करने की कोशिश की, जिसके उपयोगों की गिनती पहले से कम है: शायद उसकी नकल है। उसे हटाकर नई जोड़ें: { $base }/account/passkeys

        { mail-if-not-you }
mail-invited = आपको एक टीम में बुलाया गया है
    .body =
        { $by } आपको { $merchant } के साथ काम करने के लिए बुलाते हैं। 7 दिन के भीतर यह लिंक खोलें:

        { $link }
mail-joined = आपकी टीम में कोई जुड़ा
    .body =
        { $who } अब { $merchant } की टीम में हैं: { $base }/client/team
mail-removed = आपको एक टीम से हटाया गया
    .body =
        आप अब { $merchant } की टीम में नहीं हैं।
mail-disabled = आपका खाता बदला गया
    .body =
        आपका खाता बंद कर दिया गया। अगर आपको यह ग़लती लगे, तो गेटवे के संचालक से पूछें।

        { $base }
mail-enabled = आपका खाता बदला गया
    .body =
        आपका खाता फिर चालू है: आप साइन इन कर सकते हैं।

        { $base }
mail-operator-added = आपका खाता बदला गया
    .body =
        अब से आप इस गेटवे के संचालक हैं।

        { $base }
mail-operator-ended = आपका खाता बदला गया
    .body =
        अब आप इस गेटवे के संचालक नहीं हैं।

        { $base }
