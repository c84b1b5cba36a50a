# भुगतानकर्ता व्यापारी का क्या देखते हैं, और उन्हें क्या भेजा जाता है।
branding-title = भुगतानकर्ता क्या देखते हैं
branding-help = भुगतानकर्ता के पेज पर, भुगतान लिंक और धनवापसी के पेजों पर और काउंटर पर आपका लोगो और रंग; भुगतान के तरीके; भुगतानकर्ताओं को लिखने की भाषा, और ई-मेल से रसीदें।
branding-open = लोगो, रंग, भुगतान के तरीके, भाषा और रसीदें
branding-logo = लोगो
branding-logo-now = यह भुगतान पेज पर सबसे ऊपर आपके नाम की जगह दिखता है।
branding-logo-none = अभी आपका कोई लोगो नहीं है: भुगतानकर्ता आपका नाम देखते हैं।
branding-logo-file = तस्वीर
branding-logo-hint = PNG, JPEG या WebP, अधिकतम 512 KB। इसे 512 × 160 पिक्सेल में समाने लायक छोटा किया जाता है; पारदर्शी हिस्सा पारदर्शी रहता है।
branding-logo-save = लोगो अपलोड करें
branding-logo-remove = लोगो हटाएँ
branding-colour = रंग
branding-colour-field = मुख्य बटन का रंग
branding-colour-hint = # के बाद छह हेक्साडेसिमल अंक। बटन पर लिखावट काली या सफ़ेद होती है, जो बेहतर पढ़ी जाए।
branding-colour-save = रंग सहेजें
branding-colour-remove = रंग हटाएँ
branding-contrast = यह कैसे पढ़ा जाता है
branding-contrast-help = लिखावट को { $needed } : 1 का कंट्रास्ट चाहिए। जहाँ आपके रंग का कंट्रास्ट कम हो, वहाँ लिंक और चिह्न ऐसे रंग में बनते हैं जिसका पर्याप्त हो; बटन आपका रंग रखता है।
branding-on-button = बटन पर लिखावट
branding-on-light = हल्के पेज पर लिंक
branding-on-dark = गहरे पेज पर लिंक
branding-is-white = सफ़ेद, { $contrast } : 1
branding-is-black = काला, { $contrast } : 1
branding-is-own = आपका रंग, { $contrast } : 1
branding-is-other = { $colour }, { $contrast } : 1; आपके रंग का { $own } : 1 होता
branding-preview = झलक
branding-preview-light = हल्के पेज पर
branding-preview-dark = गहरे पेज पर
branding-preview-button = भुगतान करें
branding-preview-link = भुगतान के दूसरे तरीके
branding-ways = भाषा और रसीदें
branding-lang = भुगतानकर्ताओं की भाषा
branding-lang-hint = भुगतान पेज भुगतानकर्ता के ब्राउज़र की भाषा बोलता है। यह भाषा उन ब्राउज़रों के लिए है जिनकी भाषा हमारे पास नहीं है, और ई-मेल के लिए।
branding-receipts = इनवॉइस चुकने पर भुगतानकर्ता को ई-मेल से रसीद भेजें
branding-ways-save = सहेजें
branding-offered = भुगतान के तरीके
branding-offered-hint = जो तरीका आप बंद करते हैं, वह तब से किसी भी इनवॉइस पर नहीं दिया जाता। जो भुगतानकर्ता अभी उसी तरीके से भुगतान कर रहा है, वह पूरा कर सकता है, और जो कुछ बाद में आता है, वह दर्ज होता है।
branding-way-not-allowed = ऑपरेटर ने इसे आपके लिए चालू नहीं किया है।
branding-coins = भुगतानकर्ताओं के लिए कॉइन
branding-coins-hint = जो इनवॉइस आप किसी एक कॉइन के लिए बनाते हैं, वह उसी में रहता है, और जिस भुगतानकर्ता ने किसी कॉइन से शुरू किया है, वह भी। ऑपरेटर जो कॉइन जोड़ता है, वे तब तक दिखते हैं जब तक आप उन्हें न हटाएँ।
wrong-logo-none = पहले कोई तस्वीर चुनें।
wrong-logo-bytes = यह फ़ाइल 512 KB से बड़ी है।
wrong-logo-svg = SVG नहीं लिया जाता, क्योंकि ऐसी फ़ाइल में स्क्रिप्ट हो सकती है। लोगो को PNG में सहेजकर अपलोड करें।
wrong-logo-picture = यह पढ़ी जा सकने वाली PNG, JPEG या WebP नहीं है।
wrong-logo-large = इस तस्वीर में बहुत ज़्यादा पिक्सेल हैं: हर ओर अधिकतम 4096, और कुल 40 लाख।
wrong-logo-small = यह तस्वीर बहुत छोटी या बहुत पतली है: 512 × 160 पिक्सेल में समाने पर हर ओर कम से कम 16 चाहिए।
wrong-colour = रंग को # और छह हेक्साडेसिमल अंकों से लिखें, जैसे #0b6a50।
wrong-lang = भाषाओं में से एक चुनें।
wrong-way = ऑपरेटर ने इसे आपके लिए चालू नहीं किया है। पहले ऑपरेटर से कहें।
wrong-ways = भुगतान का कम से कम एक तरीका रहने दें।
wrong-coins = कम से कम एक कॉइन रहने दें, या क्रिप्टो पूरी तरह बंद करें।
flash-logo-set = लोगो सहेजा गया। भुगतानकर्ता इसे अब से देखेंगे।
flash-logo-removed = लोगो हटा दिया गया।
flash-bad-no-logo = हटाने के लिए कोई लोगो नहीं है।
flash-colour-set = रंग सहेजा गया।
flash-colour-removed = रंग हटा दिया गया।
flash-ways-set = सहेजा गया।
flash-offered-set = सहेजा गया। अब से भुगतानकर्ताओं को यही दिया जाता है।
mail-title = भुगतानकर्ता को ई-मेल
mail-receipt-help = रसीद PDF के रूप में { $email } को जाती है।
mail-receipt-button = रसीद भेजें
mail-invoice-help = इनवॉइस PDF के रूप में { $email } को जाता है, भुगतान पेज के लिंक के साथ।
mail-invoice-button = इनवॉइस भेजें
mail-enough = 24 घंटों में इस इनवॉइस के बारे में तीन, या कुल एक हज़ार ई-मेल भेजे जा चुके हैं। अभी इतना काफ़ी है।
mail-not-now = इनवॉइस की इस स्थिति में भेजने को कुछ नहीं है।
flash-mail-written = ई-मेल भेजा जा रहा है।
act-receipt-mail = ने भुगतानकर्ता को रसीद भेजी
act-invoice-mail = ने भुगतानकर्ता को इनवॉइस भेजा
letter-receipt-subject = { $merchant } के इनवॉइस { $number } की रसीद
letter-receipt = नमस्ते,

    { $merchant } को इनवॉइस { $number } के लिए आपका { $amount } का भुगतान मिल गया है। रसीद PDF के रूप में साथ है।

    यदि यह भुगतान आपने नहीं किया, तो इस ई-मेल का नहीं, विक्रेता को उत्तर दें: यह ई-मेल मशीन भेजती है।
letter-invoice-subject = { $merchant } का इनवॉइस { $number }
letter-invoice = नमस्ते,

    { $merchant } आपसे इनवॉइस { $number } के लिए { $amount } का भुगतान करने को कहता है। आप यहाँ भुगतान कर सकते हैं:

    { $page }

    इनवॉइस PDF के रूप में संलग्न है।

    यदि आप इस इनवॉइस को नहीं जानते, तो कुछ न करें। यह ई-मेल मशीन भेजती है; सवालों के उत्तर विक्रेता देता है।
