open = चैट खोलें
open-unread = { $count ->
    [one] चैट खोलें, { $count } अपठित संदेश
   *[other] चैट खोलें, { $count } अपठित संदेश
}
close = चैट बंद करें
online = हम ऑनलाइन हैं
away = अभी हम उपलब्ध नहीं हैं। जवाब यहीं देंगे।
greeting = नमस्ते! हम आपकी क्या मदद कर सकते हैं?
messages = संदेश
you = आप
placeholder = संदेश लिखें…
send = भेजें
attach = फ़ाइलें जोड़ें
emoji = इमोजी डालें
mute = आवाज़ बंद करें
options = संदेश के विकल्प
react = { $emoji } से प्रतिक्रिया दें
reaction = { $count ->
    [one] { $emoji }, { $count } प्रतिक्रिया
   *[other] { $emoji }, { $count } प्रतिक्रियाएँ
}
reply = जवाब दें
copy = टेक्स्ट कॉपी करें
edit = बदलें
delete = हटाएँ
delete-sure = सबके लिए हटाएँ?
editing = संदेश बदला जा रहा है
replying = { $name } को जवाब
cancel = रद्द करें
edited = बदला गया
deleted = यह संदेश हटा दिया गया
attachment = अटैचमेंट
sending = भेजा जा रहा है
waiting = कनेक्शन का इंतज़ार
sent = भेजा गया
delivered = पहुँच गया
read = पढ़ा गया
failed = नहीं भेजा गया।
retry = फिर कोशिश करें
discard = छोड़ दें
typing = { $name } लिख रहे हैं
new = नए संदेश
jump = सबसे नए संदेश पर जाएँ
older = पुराने संदेश लोड हो रहे हैं…
older-failed = पुराने संदेश लोड नहीं हुए। फिर कोशिश करें
offline = आप ऑफ़लाइन हैं। कनेक्शन लौटते ही संदेश भेजे जाएँगे।
lost = कनेक्शन टूट गया। अगली कोशिश { $when }।
connecting = फिर से जोड़ा जा रहा है…
unreachable = चैट से अभी संपर्क नहीं हो पा रहा है।
unavailable = इस पेज पर चैट उपलब्ध नहीं है।
retry-now = अभी कोशिश करें
fragile = संदेश भेजे जाने तक यह पेज खुला रखें।
sign-in = हमें लिखने के लिए साइन इन करें।
file-large = “{ $name }” बहुत बड़ी है। सीमा { $size } है।
file-type = “{ $name }” इस प्रकार की फ़ाइल यहाँ नहीं भेजी जा सकती।
file-empty = “{ $name }” खाली है।
file-failed = “{ $name }” अपलोड नहीं हो सकी।
file-many = { $count ->
    [one] एक संदेश में केवल { $count } फ़ाइल जोड़ी जा सकती है।
   *[other] एक संदेश में केवल { $count } फ़ाइलें जोड़ी जा सकती हैं।
}
too-long = { $count ->
    [one] { $count } अक्षर ज़्यादा है
   *[other] { $count } अक्षर ज़्यादा हैं
}
uploading = { $name } अपलोड हो रही है
remove = { $name } हटाएँ
drop = जोड़ने के लिए फ़ाइलें यहाँ छोड़ें
download = { $name } डाउनलोड करें
view-image = { $name } देखें
close-image = तस्वीर बंद करें
previous = पिछली तस्वीर
next = अगली तस्वीर
