# ما يراه الدافعون من التاجر، وما يُرسل إليهم.
branding-title = ما يراه الدافعون
branding-help = شعارك ولونك في صفحة الدافع وفي صفحات روابط الدفع واسترداد المبالغ وعند الصندوق؛ وطرق الدفع؛ واللغة التي تكتب بها إلى الدافعين، والإيصالات بالبريد الإلكتروني.
branding-open = الشعار واللون وطرق الدفع واللغة والإيصالات
branding-logo = الشعار
branding-logo-now = يظهر في أعلى صفحة الدافع مكان اسمك.
branding-logo-none = ليس لديك شعار بعد: يرى الدافعون اسمك.
branding-logo-file = صورة
branding-logo-hint = PNG أو JPEG أو WebP، بحد أقصى 512 كيلوبايت. تُصغَّر لتتسع لها 512 × 160 بكسل؛ ويبقى الشفاف شفافًا.
branding-logo-save = رفع الشعار
branding-logo-remove = إزالة الشعار
branding-colour = اللون
branding-colour-field = لون الزر الرئيسي
branding-colour-hint = ستة أرقام سداسية عشرية بعد #. النص على الزر أسود أو أبيض، أيهما أوضح قراءة.
branding-colour-save = حفظ اللون
branding-colour-remove = إزالة اللون
branding-contrast = وضوح القراءة
branding-contrast-help = يحتاج النص إلى تباين قدره { $needed } إلى 1. حيث يكون تباين لونك أقل، تُرسم الروابط والعلامات بلون يكفي تباينه؛ ويحتفظ الزر بلونك.
branding-on-button = النص على الزر
branding-on-light = الروابط في صفحة فاتحة
branding-on-dark = الروابط في صفحة داكنة
branding-is-white = أبيض، { $contrast } إلى 1
branding-is-black = أسود، { $contrast } إلى 1
branding-is-own = لونك، { $contrast } إلى 1
branding-is-other = { $colour }، { $contrast } إلى 1؛ أما لونك فتباينه { $own } إلى 1
branding-preview = معاينة
branding-preview-light = في صفحة فاتحة
branding-preview-dark = في صفحة داكنة
branding-preview-button = ادفع
branding-preview-link = طرق دفع أخرى
branding-ways = اللغة والإيصالات
branding-lang = لغة الدافعين
branding-lang-hint = تتكلم صفحة الدافع لغة متصفحه. وهذه اللغة للمتصفحات التي ليست لغتها عندنا، وللرسائل.
branding-receipts = إرسال إيصال إلى الدافع بالبريد الإلكتروني حين تُدفع الفاتورة
branding-ways-save = حفظ
branding-offered = طرق الدفع
branding-offered-hint = ما توقفه لا يُعرض بعد ذلك في أي فاتورة. ومن كان يدفع بهذه الطريقة الآن يمكنه أن يكمل، وكل ما يصل بعد ذلك يُسجَّل.
branding-way-not-allowed = لم يُعِدّ المشغّل هذه الطريقة لك.
branding-coins = عملات للدافعين
branding-coins-hint = الفاتورة التي تصدرها بعملة واحدة تبقى بها، وكذلك الدافع الذي بدأ بعملة. أما العملات التي يضيفها المشغّل فتُعرض ما لم تُزلها.
wrong-logo-none = اختر صورة أولًا.
wrong-logo-bytes = هذا الملف أكبر من 512 كيلوبايت.
wrong-logo-svg = لا تُقبل ملفات SVG لأنها قد تحوي نصوصًا برمجية. احفظ الشعار بصيغة PNG وارفعه.
wrong-logo-picture = هذا ليس ملف PNG أو JPEG أو WebP يمكن قراءته.
wrong-logo-large = في هذه الصورة بكسلات أكثر من اللازم: 4096 على الأكثر لكل جانب، و4 ملايين في المجموع.
wrong-logo-small = هذه الصورة صغيرة جدًا أو ضيقة جدًا: بعد تصغيرها إلى 512 × 160 بكسل يحتاج كل جانب إلى 16 على الأقل.
wrong-colour = اكتب اللون بالعلامة # وستة أرقام سداسية عشرية، مثل ‎#0b6a50.
wrong-lang = اختر إحدى اللغات.
wrong-way = لم يُعِدّ المشغّل هذه الطريقة لك. اطلبها من المشغّل أولًا.
wrong-ways = أبقِ طريقة دفع واحدة على الأقل.
wrong-coins = أبقِ عملة واحدة على الأقل، أو أوقف العملات الرقمية كلها.
flash-logo-set = حُفظ الشعار. يراه الدافعون من الآن.
flash-logo-removed = أُزيل الشعار.
flash-bad-no-logo = لا يوجد شعار لإزالته.
flash-colour-set = حُفظ اللون.
flash-colour-removed = أُزيل اللون.
flash-ways-set = حُفظ.
flash-offered-set = حُفظ. هذا ما يُعرض على الدافعين من الآن.
mail-title = رسالة إلى الدافع
mail-receipt-help = يُرسل الإيصال إلى { $email } بصيغة PDF.
mail-receipt-button = إرسال الإيصال
mail-invoice-help = تُرسل الفاتورة إلى { $email } بصيغة PDF، مع رابط صفحة الدافع.
mail-invoice-button = إرسال الفاتورة
mail-enough = خلال 24 ساعة أُرسلت ثلاث رسائل عن هذه الفاتورة، أو ألف رسالة في المجموع. هذا يكفي الآن.
mail-not-now = لا شيء يُرسل والفاتورة في هذه الحالة.
flash-mail-written = الرسالة في طريقها.
act-receipt-mail = أرسل الإيصال إلى الدافع
act-invoice-mail = أرسل الفاتورة إلى الدافع
letter-receipt-subject = إيصال الفاتورة { $number } من { $merchant }
letter-receipt = مرحبًا،

    استلم { $merchant } دفعتك البالغة { $amount } عن الفاتورة { $number }. الإيصال مرفق بصيغة PDF.

    إن لم تكن أنت من دفع، فراسل البائع ولا تُجب على هذه الرسالة: فهي مرسلة آليًا.
letter-invoice-subject = الفاتورة { $number } من { $merchant }
letter-invoice = مرحبًا،

    يطلب منك { $merchant } دفع { $amount } عن الفاتورة { $number }. يمكنك الدفع هنا:

    { $page }

    الفاتورة مرفقة بصيغة PDF.

    إن لم تكن تعرف هذه الفاتورة فلا تفعل شيئًا. هذه الرسالة مرسلة آليًا؛ والبائع يجيب عن الأسئلة.
branding-frames = صفحة الدفع داخل إطار
branding-frames-label = المواقع التي يجوز لها عرضها
branding-frames-hint = موقع في كل سطر، عشرة على الأكثر، كل منها https:// ثم المضيف. ومن دون أي موقع لا يمكن لأحد عرضها داخل إطار، وهذا هو الأكثر أمانًا. كثيرًا ما ترفض صفحات البنوك أن تُعرض داخل إطار: الأفضل إرسال الدافعين إلى الصفحة.
wrong-frames = { $word } ليس موقعًا: اكتب https:// ثم المضيف، مع المنفذ إن وُجد، ولا شيء بعده.
wrong-frames-many = عشرة مواقع على الأكثر.
flash-frames-set = حُفظ.
