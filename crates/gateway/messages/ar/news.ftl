# رسائل إلى عنوان التاجر وإلى عنوان المشغّل: الموضوع ثم النص.
news-merchant-signed = التاجر { $number }، { $name }. إن لم تكن أنت من فعل ذلك فأخبر مشغّل البوابة فورًا.
news-operator-signed = إن لم تكن أنت من فعل ذلك فهناك من يستطيع كتابة إعدادات بوابتك.
news-wallet-entered = أُدخلت محفظة التسوية الخاصة بك
    .body =
        محفظة التسوية الخاصة بك من الآن هي { $address }.

        { news-merchant-signed }
news-wallet-pending = أُدخلت محفظة التسوية الخاصة بك
    .body =
        أُدخل { $address } محفظةَ تسوية لك. وهي غير مفعّلة بعد.

        { news-merchant-signed }
news-wallet-none = أُزيلت محفظة التسوية الخاصة بك
    .body =
        لم تعد لديك محفظة تسوية.

        { news-merchant-signed }
news-wallet-change = محفظة التسوية الخاصة بك ستتغير
    .body =
        ستتغير محفظة التسوية من { $old } إلى { $new } في { $until } UTC. حتى ذلك الحين يُدفع لك إلى { $old }، ويمكن إلغاء التغيير.

        { news-merchant-signed }
news-wallet-canceled = أُلغي تغيير محفظة التسوية
    .body =
        أُلغي تغيير محفظة التسوية إلى { $new }. يُدفع لك إلى { $old }.

        { news-merchant-signed }
news-wallet-changed = تغيرت محفظة التسوية الخاصة بك
    .body =
        محفظة التسوية من الآن هي { $new }. وكانت { $old }.

        { news-merchant-signed }
news-wallet-active = محفظة التسوية الخاصة بك مفعّلة
    .body =
        فُحصت محفظة التسوية { $address } وهي مفعّلة. يمكن أن يُدفع لك إليها من الآن.

        { news-merchant-signed }
news-wallet-refused = لم تُقبل محفظة التسوية الخاصة بك
    .body =
        لم تُقبل محفظة التسوية { $address }: { $reason }

        أدخل غيرها، أو أدخلها مرة أخرى بعد حل ذلك.

        { news-merchant-signed }
news-sender-added = أُضيفت محفظة إلى قائمة مصادر أموالك
    .body =
        ابتداءً من { $until } UTC يمكن أن تأتي أموال دفعاتك من { $wallet }، ومن المحافظ التي في قائمتك فقط.

        { news-merchant-signed }
news-sender-removed = أُزيلت محفظة من قائمة مصادر أموالك
    .body =
        ابتداءً من { $until } UTC لا تكون { $wallet } في قائمة المحافظ التي تأتي منها أموالك.

        { news-merchant-signed }
news-key-rotated = أُنشئ مفتاح API جديد
    .body =
        أُنشئ مفتاح API جديد. تعمل المفاتيح الأخرى التي يُسمح لها بكل شيء 24 ساعة أخرى. قام بذلك { $by }.

        { news-merchant-signed }
news-key-made = أُنشئ مفتاح API جديد
    .body =
        أُنشئ مفتاح API إضافي. قام بذلك { $by }.

        { news-merchant-signed }
news-key-ended = أُنهي مفتاح API
    .body =
        مفتاح API الذي يبدأ بـ { $key } لم يعد يعمل. قام بذلك { $by }.

        { news-merchant-signed }
news-merchant-stopped = أوقف المشغّل نشاطك
    .body =
        أوقف مشغّل البوابة التاجر { $number }، { $name }: { $reason }

        لا يمكن إنشاء فواتير جديدة، ولا مدفوعات جديدة على المفتوحة منها، ولا مدفوعات إلى البطاقات. ما بدأ يُستكمل، وما هو مستحق لك يُسوّى، وتستمر المبالغ المستردة والإشعارات والقوائم.
news-merchant-resumed = نشاطك مستمر
    .body =
        يسمح مشغّل البوابة للتاجر { $number }، { $name }، بالمتابعة. يمكن إنشاء الفواتير وإجراء المدفوعات من جديد.
news-callback-moved = تُرسل الإشعارات إلى مكان آخر
    .body =
        تُرسل الإشعارات من الآن إلى { $new }، وكانت تُرسل إلى { $old }. قام بذلك { $by }.

        { news-merchant-signed }
news-secret-rotated = أُنشئ سر ويب هوك جديد
    .body =
        أُنشئ سر ويب هوك جديد. تُوقَّع الإشعارات بكليهما 24 ساعة. قام بذلك { $by }.

        { news-merchant-signed }
news-wallet-waits = محفظة تاجر تنتظر الموافقة
    .body =
        أدخل التاجر { $number }، { $name }، محفظة التسوية { $address }. وهي تنتظر موافقتك.
news-treasury-set = حُددت خزينة
    .body =
        الخزينة على { $chain } من الآن هي { $new }: وهي الأولى هناك.

        { news-operator-signed }
news-treasury-change = الخزينة ستتغير
    .body =
        تسمّي الإعدادات { $new } خزينةً على { $chain }، وهي حتى الآن { $old }. تصبح الخزينة في { $until } UTC. حتى ذلك الحين لا يُرسل منها شيء، ويُلغي ذلك الأمر `lockgate treasury cancel-change`.

        { news-operator-signed }
news-treasury-renamed = أُلغي تغيير الخزينة
    .body =
        لا تصبح { $new } الخزينة على { $chain }: تسمّي الإعدادات الآن غيرها.

        { news-operator-signed }
news-treasury-canceled = أُلغي تغيير الخزينة
    .body =
        لا تصبح { $new } الخزينة على { $chain }: ألغى المشغّل ذلك.

        { news-operator-signed }
news-treasury-changed = تغيرت الخزينة
    .body =
        الخزينة على { $chain } من الآن هي { $new }. وكانت { $old }.

        { news-operator-signed }
news-refund-link = المبلغ المسترد: إلى أين يُرسل؟
    .body =
        يعيد إليك { $merchant } مبلغ { $amount } { $coin } عن الفاتورة { $number }. افتح هذه الصفحة وأدخل العنوان على { $chain } الذي تريد استلامه عليه:

        { $page }

        يعمل الرابط مرة واحدة حتى { $until } بالتوقيت العالمي. من يملكه يقرر إلى أين يذهب المال: لا تعطه لأحد. إن لم تكن تتوقع هذا فلا تفعل شيئًا.
