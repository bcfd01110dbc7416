package salesforcesim

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
)

// element is one element of a SOAP message, without its namespaces.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

// child is the first child of that name, or an empty element.
func (e element) child(name string) element {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			return c
		}
	}
	return element{}
}

func (e element) all(name string) (out []element) {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			out = append(out, c)
		}
	}
	return out
}

// text is the trimmed text of a child.
func (e element) text(name string) string { return strings.TrimSpace(e.child(name).Text) }

func (e element) isNil() bool {
	for _, a := range e.Attrs {
		if a.Name.Local == "nil" && a.Value == "true" {
			return true
		}
	}
	return false
}

// soapCall is one call of the partner API (SOAP API Developer Guide, "Core
// Calls"): those that have no counterpart in REST, and sign-in.
type soapCall struct {
	o       *Org
	r       *http.Request
	version float64
	header  element
	method  element
	session *session
	by      actor
}

// fault ends a SOAP call with a code.
type fault struct{ code, about string }

const soapOpen = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
	`xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`

const soapClose = `</soapenv:Body></soapenv:Envelope>`

// serveSOAP answers /services/Soap/u/<version>[/<org>].
func (o *Org) serveSOAP(w http.ResponseWriter, r *http.Request, rest string) {
	version, _, _ := strings.Cut(rest, "/")
	number, err := strconv.ParseFloat(version, 64)
	if err != nil || checkVersion("v"+version) != nil {
		writeFault(w, fault{"UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"})
		return
	}
	body, err := readBody(r)
	var envelope element
	if err != nil || xml.Unmarshal(body, &envelope) != nil || len(envelope.child("Body").Children) == 0 {
		writeFault(w, fault{"UNKNOWN_EXCEPTION", "the message is no SOAP envelope with a call"})
		return
	}
	c := &soapCall{o: o, r: r, version: number, header: envelope.child("Header"), method: envelope.child("Body").Children[0]}
	o.calls.count("SOAP "+c.method.XMLName.Local, "")
	results, f := c.answer()
	if f != nil {
		writeFault(w, *f)
		return
	}
	name := c.method.XMLName.Local + "Response"
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	_, _ = w.Write([]byte(soapOpen + "<" + name + ">" + results + "</" + name + ">" + soapClose))
}

func writeFault(w http.ResponseWriter, f fault) {
	text := tag("faultcode", "sf:"+f.code) + tag("faultstring", f.code+": "+f.about) +
		`<detail><sf:fault>` + tag("sf:exceptionCode", f.code) + tag("sf:exceptionMessage", f.about) + `</sf:fault></detail>`
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = w.Write([]byte(soapOpen + "<soapenv:Fault>" + text + "</soapenv:Fault>" + soapClose))
}

// tag is an element with text, or a nil one for "".
func tag(name, text string) string {
	if text == "" {
		return "<" + name + ` xsi:nil="true"/>`
	}
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes all
	return "<" + name + ">" + b.String() + "</" + name + ">"
}

// answer runs the call and gives its result elements.
func (c *soapCall) answer() (string, *fault) {
	if c.method.XMLName.Local == "login" {
		return c.login()
	}
	if f := c.admit(); f != nil {
		return "", f
	}
	switch c.method.XMLName.Local {
	case "logout":
		c.o.endSession(c.session.token)
		return "", nil
	case "getServerTimestamp":
		return "<result>" + tag("timestamp", c.o.now().UTC().Format("2006-01-02T15:04:05.000Z")) + "</result>", nil
	case "getUserInfo":
		return "<result>" + c.userInfo(c.session.userID) + "</result>", nil
	}
	rows, known := c.rows()
	if !known {
		return "", &fault{"UNKNOWN_EXCEPTION", "No operation available for request " + c.method.XMLName.Local}
	}
	return rows, nil
}

// admit authenticates and counts the call.
func (c *soapCall) admit() *fault {
	c.session = c.o.auth.use(c.header.child("SessionHeader").text("sessionId"))
	if c.session == nil {
		return &fault{"INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session"}
	}
	leave, ok := c.o.calls.enter(c.o.now(), *c.o.options())
	if !ok {
		return &fault{"REQUEST_LIMIT_EXCEEDED", leave.why}
	}
	leave.done()
	c.o.upkeep()
	c.by = actor{userID: c.session.userID, origin: "com/salesforce/api/soap/" + strconv.FormatFloat(c.version, 'f', 1, 64), client: c.header.child("CallOptions").text("client"),
		allowAlert: c.header.child("DuplicateRuleHeader").text("allowSave") == "true"}
	c.o.mu.RLock()
	name := c.o.username(c.session.userID)
	c.o.mu.RUnlock()
	c.o.calls.client(c.by.client, name)
	return nil
}

// lastLoginVersion is the newest API version that has login().
const lastLoginVersion = 64

func (c *soapCall) login() (string, *fault) {
	switch {
	case c.version > lastLoginVersion:
		return "", &fault{"UNSUPPORTED_API_VERSION", "login() is not available from API version 65.0"}
	case !c.o.options().PasswordLogins:
		return "", &fault{"INVALID_OPERATION", "SOAP API login() is disabled by default in this org."}
	}
	user := c.o.byPassword(c.method.text("username"), c.method.text("password"))
	if user == "" {
		return "", &fault{"INVALID_LOGIN", "Invalid username, password, security token; or user locked out."}
	}
	c.o.auth.mu.Lock()
	token := c.o.auth.open(user, "", "full").token
	c.o.auth.mu.Unlock()
	url := baseURL(c.r) + "/services/Soap/u/" + strconv.FormatFloat(c.version, 'f', 1, 64) + "/" + c.o.id()[:15]
	return "<result>" + tag("metadataServerUrl", strings.Replace(url, "/u/", "/m/", 1)) + tag("passwordExpired", "false") + tag("sandbox", strconv.FormatBool(c.o.options().Sandbox)) +
		tag("serverUrl", url) + tag("sessionId", token) + tag("userId", user) + "<userInfo>" + c.userInfo(user) + "</userInfo></result>", nil
}

func (c *soapCall) userInfo(id string) string {
	c.o.mu.RLock()
	defer c.o.mu.RUnlock()
	u := c.o.find(id)
	get := func(name string) string { return u.named(name).Str() }
	return tag("organizationId", c.o.id()) + tag("organizationName", c.o.find(c.o.id()).named("Name").Str()) + tag("profileId", get("ProfileId")) +
		tag("sessionSecondsValid", strconv.Itoa(int(c.o.options().AccessTokenTTL.Seconds()))) + tag("userEmail", get("Email")) + tag("userFullName", personNameOf(c.o, u).Str()) +
		tag("userId", u.id) + tag("userLanguage", get("LanguageLocaleKey")) + tag("userLocale", get("LocaleSidKey")) + tag("userName", get("Username")) +
		tag("userTimeZone", get("TimeZoneSidKey")) + tag("userType", get("UserType"))
}
