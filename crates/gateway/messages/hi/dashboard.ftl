# The frame of every page of the dashboard.
skip-to-content = सामग्री पर जाएँ
sandbox-label = सैंडबॉक्स
sandbox-mark = सैंडबॉक्स: यहाँ कुछ भी असली पैसा नहीं है
support-label = सहायता दृश्य
support-mark = आप { $merchant } के पेज देख रहे हैं और कुछ बदल नहीं सकते।
stopped-label = ऑपरेटर ने रोका
stopped-mark = ऑपरेटर ने इस व्यवसाय को रोक दिया है। कुछ नया शुरू नहीं होता: न इनवॉइस, न खुले इनवॉइस पर भुगतान, न कार्डों को भुगतान। जो शुरू हो चुका वह पूरा होता है, और जो देय है उसका निपटान होता है। कारण:
support-leave = ऑपरेटर के पेजों पर वापस
operator-badge = ऑपरेटर
place-number = व्यापारी { $number }
nav-label = पेज
crumbs-label = आप कहाँ हैं
lang-label = भाषा
switch-to = { $merchant } पर जाएँ
to-operator = ऑपरेटर के पेजों पर
to-home = मुख्य पेज पर
sign-out = साइन आउट
flash-signed-out = आप साइन आउट हो गए हैं।
not-found = यहाँ कुछ नहीं है
not-found-help = पता गलत लिखा हो सकता है, या जिस चीज़ का यह नाम है वह आपकी नहीं है।
forbidden = आपकी भूमिका में यह शामिल नहीं है
forbidden-help = ज़रूरत हो तो अपनी टीम के मालिक या एडमिन से अपनी भूमिका बदलने को कहें।
foreign-form = यह फ़ॉर्म स्वीकार नहीं हो सका
foreign-form-help = यह बहुत देर खुला रहा, या हमारे पेज से नहीं भेजा गया। कुछ नहीं बदला गया। पेज फिर से खोलें और दोहराएँ।
too-many = बहुत ज़्यादा अनुरोध
too-many-help = एक मिनट रुकें, फिर कोशिश करें।
too-large = यह बहुत बड़ा है
too-large-help = फ़ाइलों सहित फ़ॉर्म 2 MB तक हो सकता है।
unavailable = अभी यह संभव नहीं है
unavailable-help = थोड़ा रुकें, फिर कोशिश करें। अगर ऐसा ही रहे तो इस गेटवे को चलाने वाले को बताएँ।
email = ई-मेल
password = पासवर्ड
login-title = साइन इन
login-button = साइन इन करें
login-wrong = ई-मेल या पासवर्ड सही नहीं है।
login-unconfirmed = इस पते की अभी पुष्टि नहीं हुई है। हमने जो मेल भेजा उसका लिंक इस्तेमाल करें।
login-wait = { $minutes ->
    [one] बहुत ज़्यादा कोशिशें। { $minutes } मिनट में फिर कोशिश करें।
   *[other] बहुत ज़्यादा कोशिशें। { $minutes } मिनट में फिर कोशिश करें।
}
nav-home = मुख्य पेज
nav-merchants = व्यापारी
merchant-name = नाम
merchant-number = व्यापारी संख्या
settlement-wallet = निपटान वॉलेट
wallet-missing = अभी कोई नहीं
look-at = देखें
