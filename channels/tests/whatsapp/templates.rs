//! Templates: sent with their variables filled in, listed, submitted, deleted.

use serde_json::{Value, json};
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::template::TemplateDraft;
use switchboard_channels::whatsapp::{Whatsapp, samples};
use switchboard_channels::{Auth, Base, Body, Method, Part, Platform, Post, PostFile};
use switchboard_domain::extra::{ButtonValue, TemplateValue, TemplateValues};
use switchboard_domain::{AttachmentKind, FailureCode, Venue};

use crate::given::{Given, PARENT, credentials, file, reply};
use crate::support::sample;

fn value(name: Option<&str>, value: &str) -> TemplateValue {
    TemplateValue { name: name.map(str::to_owned), value: value.to_owned() }
}

fn template(components: Value, values: TemplateValues, file: Option<PostFile>) -> Part {
    let (name, language) = ("order_update".to_owned(), "en_US".to_owned());
    Part::Template { name, language, components, values, file }
}

fn sent(components: Value, values: TemplateValues, file: Option<PostFile>) -> Value {
    Given::new(template(components, values, file)).body()["template"].clone()
}

/// Why a template cannot be sent: told when the post is cut, and again when it is written.
fn refused(components: Value, values: TemplateValues, file: Option<PostFile>) -> FailureCode {
    let form = PostForm::Template {
        name: "order_update".to_owned(),
        language: "en_US".to_owned(),
        components: components.clone(),
        values: values.clone(),
    };
    let files = file.clone().into_iter().collect();
    let post = Post { text: String::new(), files, reply_to: None, form };
    let cut = Whatsapp.parts(Venue::Whatsapp, &post).expect_err("refused");
    let written = Given::new(template(components, values, file)).write().expect_err("refused");
    assert_eq!(cut, written);
    cut.code
}

fn body(text: &str) -> Value {
    json!({ "type": "BODY", "text": text })
}

#[test]
fn a_template_without_variables_has_no_components() {
    let bare = json!([body("Hello"), { "type": "FOOTER", "text": "Bye" }]);
    let expected = json!({ "name": "order_update", "language": { "code": "en_US" } });
    assert_eq!(sent(bare, TemplateValues::default(), None), expected);
}

#[test]
fn variables_by_number_and_by_name() {
    let values = TemplateValues {
        header: vec![value(None, "A-1001")],
        body: vec![value(None, "Ada\nLovelace"), value(None, "Monday      8h")],
        buttons: vec![],
    };
    let components = json!([
        { "type": "HEADER", "format": "TEXT", "text": "Order {{1}}" },
        body("Hi {{1}}, it comes {{2}}, {{1}}."),
    ]);
    let parameters = json!([
        { "type": "header", "parameters": [{ "type": "text", "text": "A-1001" }] },
        { "type": "body", "parameters": [
            { "type": "text", "text": "Ada Lovelace" }, { "type": "text", "text": "Monday    8h" },
        ] },
    ]);
    assert_eq!(sent(components, values, None)["components"], parameters);

    let named = TemplateValues {
        body: vec![value(Some("day"), "Monday"), value(Some("first_name"), "Ada")],
        ..TemplateValues::default()
    };
    let components = json!([body("Hi {{first_name}}, it comes {{day}}.")]);
    let parameters = json!([{ "type": "body", "parameters": [
        { "type": "text", "parameter_name": "first_name", "text": "Ada" },
        { "type": "text", "parameter_name": "day", "text": "Monday" },
    ] }]);
    assert_eq!(sent(components, named, None)["components"], parameters);
}

#[test]
fn a_header_takes_the_file_it_asks_for() {
    let image = file(AttachmentKind::Image, "image/jpeg", "a.jpg", 10);
    let pdf = file(AttachmentKind::File, "application/pdf", "b.pdf", 10);
    let header = |format: &str| json!([{ "type": "HEADER", "format": format }, body("Hi")]);
    let none = TemplateValues::default;
    let parameter = |components: Value| components["components"][0]["parameters"][0].clone();
    assert_eq!(
        parameter(sent(header("IMAGE"), none(), Some(image.clone()))),
        json!({ "type": "image", "image": { "id": "1190774520318848" } })
    );
    assert_eq!(
        parameter(sent(header("DOCUMENT"), none(), Some(pdf.clone()))),
        json!({ "type": "document",
                "document": { "id": "1190774520318848", "filename": "b.pdf" } })
    );
    assert_eq!(refused(header("IMAGE"), none(), None), FailureCode::TemplateParameters);
    assert_eq!(refused(header("VIDEO"), none(), Some(image)), FailureCode::FileRejected);
    assert_eq!(refused(header("LOCATION"), none(), None), FailureCode::NotPossible);
    assert_eq!(refused(json!([body("Hi")]), none(), Some(pdf)), FailureCode::TemplateParameters);
    let carousel = json!([body("Hi"), { "type": "CAROUSEL", "cards": [] }]);
    assert_eq!(refused(carousel, none(), None), FailureCode::NotPossible);
}

#[test]
fn buttons_that_take_a_value() {
    let components = json!([body("Code {{1}}"), { "type": "BUTTONS", "buttons": [
        { "type": "QUICK_REPLY", "text": "Stop" },
        { "type": "URL", "text": "Follow", "url": "https://shop.example.com/t/{{1}}" },
        { "type": "URL", "text": "Shop", "url": "https://shop.example.com" },
        { "type": "COPY_CODE", "example": "SUMMER" },
        { "type": "PHONE_NUMBER", "text": "Call", "phone_number": "+1555" },
    ] }]);
    let button = |index: u32, value: &str| ButtonValue { index, value: value.to_owned() };
    let values = TemplateValues {
        body: vec![value(None, "7")],
        buttons: vec![button(1, "A-1001"), button(3, "AUTUMN"), button(0, "STOP_UPDATES")],
        ..TemplateValues::default()
    };
    let filled = sent(components.clone(), values.clone(), None)["components"].clone();
    let expected = json!([
        { "type": "body", "parameters": [{ "type": "text", "text": "7" }] },
        { "type": "button", "sub_type": "quick_reply", "index": "0",
          "parameters": [{ "type": "payload", "payload": "STOP_UPDATES" }] },
        { "type": "button", "sub_type": "url", "index": "1",
          "parameters": [{ "type": "text", "text": "A-1001" }] },
        { "type": "button", "sub_type": "copy_code", "index": "3",
          "parameters": [{ "type": "coupon_code", "coupon_code": "AUTUMN" }] },
    ]);
    assert_eq!(filled, expected);
    let lacking = TemplateValues { buttons: vec![button(1, "A-1001")], ..values };
    assert_eq!(refused(components, lacking, None), FailureCode::TemplateParameters);
}

#[test]
fn a_one_time_code_is_in_the_body_and_in_its_button() {
    let components = json!([body("*{{1}}* is your code."), { "type": "BUTTONS", "buttons": [
        { "type": "OTP", "otp_type": "COPY_CODE", "text": "Copy" },
    ] }]);
    let values = TemplateValues { body: vec![value(None, "482913")], ..TemplateValues::default() };
    let button = sent(components, values, None)["components"][1].clone();
    assert_eq!(button["sub_type"], "url");
    assert_eq!(button["parameters"], json!([{ "type": "text", "text": "482913" }]));
}

#[test]
fn a_variable_too_few_or_empty_is_told_before_sending() {
    let components = json!([body("Hi {{1}} and {{2}}.")]);
    let of = |values: &[&str]| TemplateValues {
        body: values.iter().map(|text| value(None, text)).collect(),
        ..TemplateValues::default()
    };
    for values in [&["Ada"][..], &["Ada", " \n"], &["Ada", "Bo", "Cy"], &[]] {
        let code = refused(components.clone(), of(values), None);
        assert_eq!(code, FailureCode::TemplateParameters, "{values:?}");
    }
}

#[test]
fn templates_are_listed_page_by_page() {
    let request = Whatsapp.templates(&credentials(), Some("QVFI")).expect("a request");
    assert_eq!(request.path, format!("/{PARENT}/message_templates"));
    assert!(request.query.contains(&("after".to_owned(), "QVFI".to_owned())));

    let page = reply(200, sample("whatsapp", "api_template_list"));
    let page = Whatsapp.read_templates(&page).expect("read");
    assert_eq!(page.next, None, "cursors alone are no next page");
    let [template] = page.templates.as_slice() else { panic!("{page:?}") };
    assert_eq!(template.id, "1402277735518820");
    assert_eq!((template.name.as_str(), template.language.as_str()), ("envio_en_camino", "es_ES"));
    assert_eq!((template.category.as_str(), template.status.as_str()), ("UTILITY", "APPROVED"));
    assert!(!template.named);
    assert_eq!(template.components.as_array().map(Vec::len), Some(2));

    let more = json!({
        "data": [{
            "id": 7, "name": "x", "language": "es-ES", "status": "rejected", "category": "MARKETING",
            "parameter_format": "NAMED", "rejected_reason": "SCAM",
            "quality_score": { "score": "RED" }, "components": [],
        }, { "name": "without an id" }],
        "paging": { "cursors": { "after": "QVFI" }, "next": "https://graph.facebook.com/…" },
    });
    let page = Whatsapp.read_templates(&reply(200, more.to_string())).expect("read");
    assert_eq!(page.next.as_deref(), Some("QVFI"));
    let [template] = page.templates.as_slice() else { panic!("{page:?}") };
    assert_eq!((template.id.as_str(), template.language.as_str()), ("7", "es_ES"));
    assert_eq!((template.status.as_str(), template.named), ("REJECTED", true));
    assert_eq!(
        (template.reason.as_deref(), template.quality.as_deref()),
        (Some("SCAM"), Some("RED"))
    );
    assert!(Whatsapp.read_templates(&reply(500, "")).is_err());
}

fn draft(components: Value) -> TemplateDraft {
    TemplateDraft {
        name: "order_update".to_owned(),
        language: "en_US".to_owned(),
        category: "UTILITY".to_owned(),
        components,
    }
}

fn whole() -> Value {
    json!([
        { "type": "HEADER", "format": "TEXT", "text": "Order {{1}}",
          "example": { "header_text": ["A-1"] } },
        { "type": "BODY", "text": "Hi {{1}}, it comes {{2}}.",
          "example": { "body_text": [["Ada", "Monday"]] } },
        { "type": "FOOTER", "text": "Vivero" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Stop" },
            { "type": "URL", "text": "Follow", "url": "https://shop.example.com/t/{{1}}",
              "example": ["https://shop.example.com/t/A-1"] },
        ] },
    ])
}

#[test]
fn a_draft_is_submitted() {
    let request = Whatsapp.create_template(&credentials(), &draft(whole())).expect("fine");
    let expected = json!({
        "name": "order_update", "language": "en_US", "category": "UTILITY",
        "parameter_format": "POSITIONAL", "components": whole(),
    });
    assert_eq!((request.method, request.base), (Method::Post, Base::Graph));
    assert_eq!(request.path, format!("/{PARENT}/message_templates"));
    assert_eq!(request.body, Body::Json(expected));
    let named = json!([{ "type": "BODY", "text": "Hi {{first_name}}!",
        "example": { "body_text_named_params": [{ "param_name": "first_name", "example": "Ada" }] } }]);
    let request = Whatsapp.create_template(&credentials(), &draft(named)).expect("fine");
    let Body::Json(body) = request.body else { panic!("no JSON") };
    assert_eq!(body["parameter_format"], "NAMED");
}

/// The first complaint about the whole draft with one thing changed.
fn complaint(change: impl FnOnce(&mut TemplateDraft)) -> String {
    let mut draft = draft(whole());
    change(&mut draft);
    Whatsapp.create_template(&credentials(), &draft).expect_err("refused").remove(0)
}

fn complaint_about(pointer: &str, value: Value) -> String {
    complaint(|draft| *draft.components.pointer_mut(pointer).expect("there") = value)
}

#[test]
fn what_whatsapp_would_refuse_is_said_at_once() {
    let says = |words: &str, complaint: String| {
        assert!(complaint.contains(words), "{complaint}");
    };
    says("lower case", complaint(|draft| draft.name = "Order".into()));
    says("en_US", complaint(|draft| draft.language = "english please".into()));
    says("category", complaint(|draft| draft.category = "SPAM".into()));
    says("no body", complaint(|draft| draft.components = json!([])));
    says("no components", complaint(|draft| draft.components = Value::Null));
    says(
        "more than one body",
        complaint(|draft| {
            let body = draft.components[1].clone();
            draft.components.as_array_mut().expect("list").push(body);
        }),
    );
    says("60 are the most", complaint_about("/0/text", json!("x".repeat(61))));
    says("at most one variable", complaint_about("/0/text", json!("{{1}} {{2}}")));
    says("header needs an example", complaint_about("/0/example", Value::Null));
    says(
        "a file as its example",
        complaint_about("/0", json!({ "type": "HEADER", "format": "IMAGE" })),
    );
    says("body is empty", complaint_about("/1/text", json!("")));
    says("1024 are the most", complaint_about("/1/text", json!("x".repeat(1_025))));
    says("neither begins nor ends", complaint_about("/1/text", json!("{{1}} or {{2}}")));
    says("without a gap", complaint_about("/1/text", json!("Hi {{1}}, it comes {{3}}.")));
    says("no name for a variable", complaint_about("/1/text", json!("Hi {{1}}, it {{Day}}.")));
    says("all numbers or all names", complaint_about("/1/text", json!("Hi {{1}}, it {{day}}.")));
    says("body needs an example", complaint_about("/1/example", json!({ "body_text": [["Ada"]] })));
    says("footer has no variables", complaint_about("/2/text", json!("Hi {{1}}.")));
    says("between one and 10", complaint_about("/3/buttons", json!([])));
    says("25 are the most", complaint_about("/3/buttons/0/text", json!("x".repeat(26))));
    says("no kind of button", complaint_about("/3/buttons/0/type", json!("SHOUT")));
    says("begins with https", complaint_about("/3/buttons/1/url", json!("ftp://x")));
    says("at its end", complaint_about("/3/buttons/1/url", json!("https://x/{{1}}/y")));
    says("needs an example", complaint_about("/3/buttons/1/example", json!([])));
    let url = json!({ "type": "URL", "text": "a", "url": "https://x" });
    says("at most 2", complaint_about("/3/buttons", json!([url, url, url])));
    let quick = json!({ "type": "QUICK_REPLY", "text": "a" });
    says("side by side", complaint_about("/3/buttons", json!([quick, url, quick])));
    let code = json!({ "type": "COPY_CODE", "example": "x".repeat(21) });
    says("20 are the most", complaint_about("/3/buttons", json!([code])));
}

#[test]
fn one_language_of_a_template_is_deleted() {
    let request =
        Whatsapp.delete_template(&credentials(), "order_update", "140").expect("a request");
    assert_eq!(request.method, Method::Delete);
    let query = [("hsm_id", "140"), ("name", "order_update")];
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.query, query);
}

#[test]
fn an_example_file_is_uploaded_to_the_app() {
    let image = file(AttachmentKind::Image, "image/png", "a.png", 1_234);
    let begin = samples::begin("118", &image).expect("a request");
    assert_eq!(begin.path, "/118/uploads");
    let query = [("file_name", "a.png"), ("file_length", "1234"), ("file_type", "image/png")];
    assert_eq!(begin.query, query.map(|(name, value)| (name.to_owned(), value.to_owned())));

    let begun = reply(200, r#"{"id":"upload:MTph==?sig=ARZq"}"#);
    let carry = samples::carry(&begun, &image).expect("a request");
    assert_eq!((carry.path.as_str(), carry.auth), ("/upload:MTph==", Auth::OAuth));
    assert_eq!(carry.query, [("sig".to_owned(), "ARZq".to_owned())]);
    assert_eq!(carry.headers, [("file_offset", "0".to_owned())]);
    assert_eq!(carry.body, Body::File { attachment: image.id, mime: "image/png".to_owned() });
    let handle = samples::handle(&reply(200, r#"{"h":"4::aW"}"#));
    assert_eq!(handle.as_deref(), Ok("4::aW"));

    let gif = file(AttachmentKind::Image, "image/gif", "a.gif", 1);
    assert_eq!(samples::begin("118", &gif).expect_err("a GIF").code, FailureCode::FileRejected);
    assert!(samples::carry(&reply(500, ""), &image).is_err());
    assert!(samples::handle(&reply(200, "{}")).is_err());
}
