# व्यापारी के अपने पते और ऑपरेटर के पते पर मेल: विषय और पाठ।
news-merchant-signed = व्यापारी { $number }, { $name }। यदि यह आपने नहीं किया, तो तुरंत गेटवे के ऑपरेटर को बताएँ।
news-operator-signed = यदि यह आपने नहीं किया, तो कोई आपके गेटवे का कॉन्फ़िगरेशन लिख सकता है।
news-wallet-entered = आपका निपटान वॉलेट दर्ज किया गया
    .body =
        अब से आपका निपटान वॉलेट { $address } है।

        { news-merchant-signed }
news-wallet-pending = आपका निपटान वॉलेट दर्ज किया गया
    .body =
        { $address } आपके निपटान वॉलेट के रूप में दर्ज किया गया। यह अभी सक्रिय नहीं है।

        { news-merchant-signed }
news-wallet-none = आपका निपटान वॉलेट हटाया गया
    .body =
        अब आपका कोई निपटान वॉलेट नहीं है।

        { news-merchant-signed }
news-wallet-change = आपका निपटान वॉलेट बदलने वाला है
    .body =
        आपका निपटान वॉलेट { $until } UTC को { $old } से { $new } में बदलेगा। तब तक भुगतान { $old } पर होता है, और बदलाव रद्द किया जा सकता है।

        { news-merchant-signed }
news-wallet-canceled = आपके निपटान वॉलेट का बदलाव रद्द हुआ
    .body =
        आपके निपटान वॉलेट को { $new } में बदलना रद्द किया गया। भुगतान { $old } पर होता है।

        { news-merchant-signed }
news-wallet-changed = आपका निपटान वॉलेट बदल गया
    .body =
        अब से आपका निपटान वॉलेट { $new } है। पहले { $old } था।

        { news-merchant-signed }
news-wallet-active = आपका निपटान वॉलेट सक्रिय है
    .body =
        आपका निपटान वॉलेट { $address } जाँचा गया और सक्रिय है। अब से आपको इस पर भुगतान हो सकता है।

        { news-merchant-signed }
news-wallet-refused = आपका निपटान वॉलेट स्वीकार नहीं हुआ
    .body =
        निपटान वॉलेट { $address } स्वीकार नहीं हुआ: { $reason }

        दूसरा दर्ज करें, या यह सुलझने पर वही फिर से।

        { news-merchant-signed }
news-sender-added = आपकी निधि के स्रोतों की सूची में एक वॉलेट जोड़ा गया
    .body =
        { $until } UTC से आपके भुगतानों की निधि { $wallet } से, और केवल आपकी सूची के वॉलेट से आ सकती है।

        { news-merchant-signed }
news-sender-removed = आपकी निधि के स्रोतों की सूची से एक वॉलेट हटाया गया
    .body =
        { $until } UTC से { $wallet } उन वॉलेट की सूची में नहीं है जिनसे आपकी निधि आती है।

        { news-merchant-signed }
news-key-rotated = एक नई API कुंजी बनाई गई
    .body =
        एक नई API कुंजी बनाई गई। सब कुछ करने वाली बाकी कुंजियाँ 24 घंटे और चलेंगी। यह { $by } ने किया।

        { news-merchant-signed }
news-key-made = एक नई API कुंजी बनाई गई
    .body =
        एक और API कुंजी बनाई गई। यह { $by } ने किया।

        { news-merchant-signed }
news-key-ended = एक API कुंजी बंद की गई
    .body =
        { $key } से शुरू होने वाली API कुंजी अब काम नहीं करती। यह { $by } ने किया।

        { news-merchant-signed }
news-merchant-stopped = ऑपरेटर ने आपका व्यवसाय रोक दिया है
    .body =
        गेटवे के ऑपरेटर ने व्यापारी { $number }, { $name } को रोक दिया है: { $reason }

        न नए इनवॉइस बन सकते हैं, न खुले इनवॉइस पर नए भुगतान, न कार्डों को भुगतान। जो शुरू हो चुका वह पूरा होता है, जो आपको देय है उसका निपटान होता है, और रिफ़ंड, कॉलबैक और सूचियाँ चलती रहती हैं।
news-merchant-resumed = आपका व्यवसाय आगे चलता है
    .body =
        गेटवे का ऑपरेटर व्यापारी { $number }, { $name } को आगे बढ़ने देता है। इनवॉइस और भुगतान फिर से हो सकते हैं।
news-callback-moved = कॉलबैक कहीं और जाते हैं
    .body =
        अब से कॉलबैक { $new } पर जाते हैं; पहले { $old } पर। यह { $by } ने किया।

        { news-merchant-signed }
news-secret-rotated = एक नया वेबहुक सीक्रेट बनाया गया
    .body =
        एक नया वेबहुक सीक्रेट बनाया गया। 24 घंटे कॉलबैक दोनों से हस्ताक्षरित होते हैं। यह { $by } ने किया।

        { news-merchant-signed }
news-wallet-waits = एक व्यापारी का वॉलेट मंज़ूरी की प्रतीक्षा में है
    .body =
        व्यापारी { $number }, { $name } ने निपटान वॉलेट { $address } दर्ज किया है। यह आपकी मंज़ूरी की प्रतीक्षा में है।
news-treasury-set = एक कोष तय किया गया
    .body =
        { $chain } पर कोष अब से { $new } है: यह वहाँ का पहला है।

        { news-operator-signed }
news-treasury-change = कोष बदलने वाला है
    .body =
        कॉन्फ़िगरेशन { $chain } पर { $new } को कोष बताता है; अब तक { $old } है। यह { $until } UTC को कोष बनेगा। तब तक इससे कुछ नहीं भेजा जाता, और `lockgate treasury cancel-change` इसे रद्द करता है।

        { news-operator-signed }
news-treasury-renamed = कोष का बदलाव रद्द हुआ
    .body =
        { $new } { $chain } पर कोष नहीं बनता: कॉन्फ़िगरेशन अब किसी और का नाम लेता है।

        { news-operator-signed }
news-treasury-canceled = कोष का बदलाव रद्द हुआ
    .body =
        { $new } { $chain } पर कोष नहीं बनता: ऑपरेटर ने इसे रद्द किया।

        { news-operator-signed }
news-treasury-changed = कोष बदल गया
    .body =
        { $chain } पर कोष अब से { $new } है। पहले { $old } था।

        { news-operator-signed }
news-refund-link = आपकी वापसी: पैसा कहाँ भेजा जाए?
    .body =
        { $merchant } इनवॉइस { $number } के लिए आपको { $amount } { $coin } लौटाता है। यह पृष्ठ खोलें और { $chain } पर वह पता लिखें जहाँ आप इसे पाना चाहते हैं:

        { $page }

        लिंक एक ही बार काम करता है, { $until } UTC तक। जिसके पास यह है वही तय करता है कि पैसा कहाँ जाए: इसे किसी को न दें। यदि आपको इसकी अपेक्षा नहीं थी, तो कुछ न करें।
