# The frame of every page of the dashboard.
skip-to-content = انتقل إلى المحتوى
sandbox-label = بيئة تجريبية
sandbox-mark = بيئة تجريبية: لا مال حقيقيًّا هنا
support-label = عرض الدعم
support-mark = أنت تطّلع على صفحات { $merchant } ولا يمكنك تغيير شيء.
stopped-label = أوقفه المشغّل
stopped-mark = أوقف المشغّل هذا النشاط. لا يبدأ شيء جديد: لا فواتير، ولا مدفوعات على المفتوحة منها، ولا مدفوعات إلى البطاقات. ما بدأ يُستكمل، وما هو مستحق يُسوّى. السبب:
support-leave = العودة إلى صفحات المشغّل
operator-badge = مشغّل
place-number = التاجر { $number }
nav-label = الصفحات
crumbs-label = أين أنت
lang-label = اللغة
switch-to = الانتقال إلى { $merchant }
to-operator = إلى صفحات المشغّل
to-home = إلى الصفحة الرئيسية
sign-out = تسجيل الخروج
flash-signed-out = تم تسجيل خروجك.
not-found = لا شيء هنا
not-found-help = قد يكون العنوان مكتوبًا بشكل خاطئ، أو أن ما يشير إليه ليس لك.
forbidden = دورك لا يشمل هذا
forbidden-help = إن احتجت إليه فاطلب من مالك أو مدير في فريقك تغيير دورك.
foreign-form = تعذّر قبول هذا النموذج
foreign-form-help = بقي مفتوحًا مدة طويلة، أو لم يُرسل من صفحتنا. لم يتغيّر شيء. افتح الصفحة من جديد وأعد المحاولة.
too-many = طلبات كثيرة جدًّا
too-many-help = انتظر دقيقة ثم حاول مرة أخرى.
too-large = هذا كبير جدًّا
too-large-help = يمكن أن يبلغ حجم النموذج مع ملفاته 2 ميغابايت.
unavailable = هذا غير ممكن الآن
unavailable-help = انتظر لحظة ثم حاول مرة أخرى. وإن استمر الأمر فأخبر من يدير هذه البوابة.
email = البريد الإلكتروني
password = كلمة المرور
login-title = تسجيل الدخول
login-button = تسجيل الدخول
login-wrong = البريد الإلكتروني أو كلمة المرور غير صحيح.
login-unconfirmed = لم يتم تأكيد هذا العنوان بعد. استخدم الرابط في الرسالة التي أرسلناها إليك.
login-wait = { $minutes ->
    [one] محاولات كثيرة جدًّا. حاول مرة أخرى بعد دقيقة.
    [two] محاولات كثيرة جدًّا. حاول مرة أخرى بعد دقيقتين.
    [few] محاولات كثيرة جدًّا. حاول مرة أخرى بعد { $minutes } دقائق.
   *[other] محاولات كثيرة جدًّا. حاول مرة أخرى بعد { $minutes } دقيقة.
}
nav-home = الرئيسية
nav-merchants = التجار
merchant-name = الاسم
merchant-number = رقم التاجر
settlement-wallet = محفظة التسوية
wallet-missing = لا توجد بعد
look-at = اطّلاع
