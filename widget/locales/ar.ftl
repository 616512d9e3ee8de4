# Nothing is ever said of none of a thing, so there is no [zero].
open = فتح المحادثة
open-unread = { $count ->
    [one] فتح المحادثة، رسالة واحدة غير مقروءة
    [two] فتح المحادثة، رسالتان غير مقروءتين
    [few] فتح المحادثة، { $count } رسائل غير مقروءة
    [many] فتح المحادثة، { $count } رسالة غير مقروءة
   *[other] فتح المحادثة، { $count } رسالة غير مقروءة
}
close = إغلاق المحادثة
online = نحن متصلون الآن
away = لسنا متاحين الآن. سنرد عليك هنا.
greeting = مرحبًا! كيف يمكننا مساعدتك؟
messages = الرسائل
you = أنت
placeholder = اكتب رسالة…
send = إرسال
attach = إرفاق ملفات
emoji = إدراج رمز تعبيري
mute = كتم الأصوات
options = خيارات الرسالة
react = التفاعل بـ { $emoji }
reaction = { $count ->
    [one] { $emoji }، تفاعل واحد
    [two] { $emoji }، تفاعلان
    [few] { $emoji }، { $count } تفاعلات
    [many] { $emoji }، { $count } تفاعلًا
   *[other] { $emoji }، { $count } تفاعل
}
reply = رد
copy = نسخ النص
edit = تعديل
delete = حذف
delete-sure = حذف لدى الجميع؟
editing = تعديل الرسالة
replying = الرد على { $name }
cancel = إلغاء
edited = معدّلة
deleted = حُذفت هذه الرسالة
attachment = مرفق
sending = جارٍ الإرسال
waiting = في انتظار الاتصال
sent = أُرسلت
delivered = تم التسليم
read = قُرئت
failed = لم تُرسل.
retry = إعادة المحاولة
discard = تجاهل
typing = { $name } يكتب الآن
new = رسائل جديدة
jump = الانتقال إلى أحدث رسالة
older = جارٍ تحميل الرسائل السابقة…
older-failed = تعذّر تحميل الرسائل السابقة. إعادة المحاولة
offline = أنت غير متصل. ستُرسل رسائلك عند عودة الاتصال.
lost = انقطع الاتصال. سنحاول مجددًا { $when }.
connecting = جارٍ إعادة الاتصال…
unreachable = يتعذّر الوصول إلى المحادثة حاليًا.
unavailable = المحادثة غير متاحة في هذه الصفحة.
retry-now = حاول الآن
fragile = أبقِ هذه الصفحة مفتوحة حتى تُرسل رسالتك.
sign-in = يُرجى تسجيل الدخول لمراسلتنا.
file-large = الملف «{ $name }» كبير جدًا. الحد الأقصى { $size }.
file-type = لا يمكن إرسال ملف من نوع «{ $name }» هنا.
file-empty = الملف «{ $name }» فارغ.
file-failed = تعذّر رفع الملف «{ $name }».
file-many = { $count ->
    [one] يمكن إرفاق ملف واحد فقط في الرسالة.
    [two] يمكن إرفاق ملفين فقط في الرسالة.
    [few] يمكن إرفاق { $count } ملفات فقط في الرسالة.
    [many] يمكن إرفاق { $count } ملفًا فقط في الرسالة.
   *[other] يمكن إرفاق { $count } ملف فقط في الرسالة.
}
too-long = { $count ->
    [one] حرف واحد زائد
    [two] حرفان زائدان
    [few] { $count } أحرف زائدة
    [many] { $count } حرفًا زائدًا
   *[other] { $count } حرف زائد
}
uploading = جارٍ رفع { $name }
remove = إزالة { $name }
drop = أفلت الملفات لإرفاقها
download = تنزيل { $name }
view-image = عرض { $name }
close-image = إغلاق الصورة
previous = الصورة السابقة
next = الصورة التالية
