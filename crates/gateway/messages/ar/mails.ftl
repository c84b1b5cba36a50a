# Mails to people about their accounts: the subject, and the body.
mail-if-not-you = إن لم تكن أنت، فغيّر كلمة المرور فورًا وأنهِ الجلسات التي لا تعرفها.
mail-confirm = أكّد عنوانك
    .body =
        افتح هذا الرابط لتأكيد أن هذا العنوان لك. وهو صالح 3 أيام.

        { $link }
mail-already-there = لديك حساب بالفعل
    .body =
        طلب شخص، ربما أنت، حسابًا بهذا العنوان، وله حساب بالفعل. سجّل الدخول في { $base }/login أو اختر كلمة مرور جديدة في { $base }/forgot. إن لم تكن أنت، فلا شيء عليك فعله.
mail-reset = اختر كلمة مرور جديدة
    .body =
        افتح هذا الرابط لاختيار كلمة مرور جديدة. يعمل مرة واحدة ولمدة ساعة.

        { $link }

        إن لم تطلبه، فلا شيء عليك فعله.
mail-new-browser = سجّل متصفح جديد الدخول
    .body =
        سُجّل الدخول إلى حسابك من { $ip } بمتصفح لم نكن نعرفه:

        { $agent }

        { mail-if-not-you }
        { $base }/account/
mail-password-changed = تغيّرت كلمة مرورك
    .body =
        تغيّرت كلمة مرورك وانتهت كل الجلسات الأخرى. إن لم تكن أنت، فاختر غيرها في { $base }/forgot
mail-factor-on = تسجيل الدخول بخطوتين مفعّل
    .body =
        يُطلب من الآن رمز التطبيق. { mail-if-not-you }
mail-factor-off = تسجيل الدخول بخطوتين معطّل
    .body =
        تُطلب من الآن كلمة المرور وحدها. { mail-if-not-you }
mail-recovery-codes = أُنشئت رموز استرداد جديدة
    .body =
        أُنشئت رموز استرداد جديدة لحسابك، ولم تعد السابقة صالحة. { mail-if-not-you }
mail-codes-off = رموز تطبيقك معطّلة
    .body =
        ما زال أحد مفاتيح مرورك مطلوبًا. { mail-if-not-you }
mail-passkey-added = أُضيف مفتاح مرور
    .body =
        يسجّل مفتاح المرور «{ $name }» الدخول إلى حسابك من الآن. { mail-if-not-you }
        { $base }/account/passkeys
mail-passkey-removed = أُزيل مفتاح مرور
    .body =
        أُزيل مفتاح المرور «{ $name }» من حسابك. { mail-if-not-you }
mail-passkey-last = أُزيل آخر مفتاح مرور لديك
    .body =
        أُزيل مفتاح المرور «{ $name }» من حسابك. تُطلب من الآن كلمة المرور وحدها. { mail-if-not-you }
mail-passkey-refused = رُفض مفتاح مرور
    .body =
        حاول شخص تسجيل الدخول بمفتاح المرور «{ $name }» وعدّاد استخدامه أقل مما كان: قد تكون له نسخة. أزله وأضف مفتاحًا جديدًا: { $base }/account/passkeys

        { mail-if-not-you }
mail-invited = أنت مدعوّ إلى فريق
    .body =
        يدعوك { $by } إلى العمل مع { $merchant }. افتح هذا الرابط خلال 7 أيام:

        { $link }
mail-joined = انضم شخص إلى فريقك
    .body =
        أصبح { $who } من فريق { $merchant }: { $base }/client/team
mail-removed = أُزلت من فريق
    .body =
        لم تعد من فريق { $merchant }.
mail-disabled = تغيّر حسابك
    .body =
        عُطّل حسابك. إن رأيت أن هذا خطأ، فاسأل مشغّل البوابة.

        { $base }
mail-enabled = تغيّر حسابك
    .body =
        عاد حسابك إلى العمل: يمكنك تسجيل الدخول.

        { $base }
mail-operator-added = تغيّر حسابك
    .body =
        أنت من الآن مشغّل لهذه البوابة.

        { $base }
mail-operator-ended = تغيّر حسابك
    .body =
        لم تعد مشغّلًا لهذه البوابة.

        { $base }
