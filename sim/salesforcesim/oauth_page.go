package salesforcesim

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var approvePage = template.Must(template.New("approve").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in | Simulated org</title><style>body{font:16px system-ui;max-width:26rem;margin:4rem auto;padding:0 1rem}input,button{font:inherit;padding:.4rem .6rem}label{display:block;margin:1rem 0 .3rem}</style>
<h1>Simulated org</h1><p>The app <code>{{.App}}</code> asks for access: <b>{{.Scope}}</b></p>{{with .Error}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/services/oauth2/authorize">{{range .Hidden}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">{{end}}
<label for="u">User name</label><input id="u" name="username" value="{{.User}}" size="40" autofocus>
<p><button name="answer" value="allow">Log in and allow</button> <button name="answer" value="deny">Deny</button></p></form></html>`))

type hiddenInput struct{ Name, Value string }

// serveAuthorize is the browser's part of the web-server flow: a page to log
// in and approve, then a redirect with a code. Anyone who reaches the
// simulator may log in as any user; there are no passwords to protect.
func (o *Org) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	o.auth.mu.Lock()
	a := o.auth.apps[r.Form.Get("client_id")]
	o.auth.mu.Unlock()
	back, err := url.Parse(r.Form.Get("redirect_uri"))
	switch {
	case a == nil:
		http.Error(w, "error=invalid_client_id&error_description=client identifier invalid", http.StatusBadRequest)
	case err != nil || !a.mayReturnTo(back):
		http.Error(w, "error=redirect_uri_mismatch&error_description=redirect_uri must match configuration", http.StatusBadRequest)
	case r.Form.Get("response_type") != "code":
		sendBack(w, r, back, url.Values{"error": {"unsupported_response_type"}, "error_description": {"response type not supported"}})
	case r.Method == http.MethodPost:
		o.answerApproval(w, r, a, back)
	default:
		o.askApproval(w, r, "")
	}
}

// mayReturnTo allows the registered callbacks, to the letter. An app that has
// registered none may use any loopback address.
func (a *app) mayReturnTo(u *url.URL) bool {
	if len(a.callbacks) > 0 {
		return slices.Contains(a.callbacks, u.String())
	}
	host := u.Hostname()
	return (u.Scheme == "http" || u.Scheme == "https") && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

var flowParameters = []string{"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "login_hint"}

func (o *Org) askApproval(w http.ResponseWriter, r *http.Request, problem string) {
	var hidden []hiddenInput
	for _, name := range flowParameters {
		hidden = append(hidden, hiddenInput{name, r.Form.Get(name)})
	}
	user := r.Form.Get("login_hint")
	if user == "" {
		user = o.Info().IntegrationUsername
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = approvePage.Execute(w, map[string]any{"App": r.Form.Get("client_id"), "Scope": scopeOf(r), "Hidden": hidden, "User": user, "Error": problem})
}

func scopeOf(r *http.Request) string {
	if s := strings.TrimSpace(r.Form.Get("scope")); s != "" {
		return s
	}
	return "api refresh_token"
}

func (o *Org) answerApproval(w http.ResponseWriter, r *http.Request, a *app, back *url.URL) {
	if r.PostForm.Get("answer") != "allow" {
		sendBack(w, r, back, url.Values{"error": {"access_denied"}, "error_description": {"end-user denied authorization"}})
		return
	}
	o.mu.RLock()
	user := o.userNamed(strings.TrimSpace(r.PostForm.Get("username")))
	o.mu.RUnlock()
	if user == nil {
		o.askApproval(w, r, "This org has no such user.")
		return
	}
	o.auth.mu.Lock()
	code := "aPrx" + o.auth.random(60)
	o.auth.codes[code] = grant{userID: user.id, clientID: a.id, scope: scopeOf(r), redirect: r.Form.Get("redirect_uri"),
		challenge: r.Form.Get("code_challenge"), expires: o.now().Add(codeLifetime)}
	o.auth.mu.Unlock()
	sendBack(w, r, back, url.Values{"code": {code}})
}

func sendBack(w http.ResponseWriter, r *http.Request, back *url.URL, with url.Values) {
	if state := r.Form.Get("state"); state != "" {
		with.Set("state", state)
	}
	to := *back
	query := to.Query()
	for k, v := range with {
		query[k] = v
	}
	to.RawQuery = query.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}
