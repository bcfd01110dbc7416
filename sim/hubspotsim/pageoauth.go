package hubspotsim

import (
	"net/http"
	"net/url"
	"strings"
)

type hiddenField struct{ Name, Value string }

type oauthPage struct {
	pageHead
	ClientID string
	Scopes   []string
	Hidden   []hiddenField
}

// authorizeParams are the parameters of the consent page that its form repeats.
var authorizeParams = []string{"client_id", "redirect_uri", "scope", "optional_scope", "state", "code_challenge", "code_challenge_method"}

// pageAuthorize asks the person to let an app in.
func (p *Portal) pageAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if problem := p.authorizeProblem(q); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	p.mu.RLock()
	page := oauthPage{pageHead: p.head("Connect an app", r), ClientID: q.Get("client_id"),
		Scopes: strings.Fields(q.Get("scope") + " " + q.Get("optional_scope"))}
	p.mu.RUnlock()
	for _, name := range authorizeParams {
		page.Hidden = append(page.Hidden, hiddenField{name, q.Get(name)})
	}
	render(w, "oauth", page)
}

func (p *Portal) authorizeProblem(q url.Values) string {
	to, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != p.info.ClientID:
		return "The app is unknown: client_id does not match."
	case err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return "The redirect_uri is missing or not an http(s) address."
	}
	for _, s := range strings.Fields(q.Get("scope")) {
		if !contains(allScopes, s) {
			return "The scope " + s + " is unknown."
		}
	}
	return ""
}

// pageApprove sends the browser back to the app, with a code or a refusal.
func (p *Portal) pageApprove(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := r.PostForm
	if problem := p.authorizeProblem(q); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	out := url.Values{}
	if state := q.Get("state"); state != "" {
		out.Set("state", state)
	}
	if q.Get("answer") == "approve" {
		out.Set("code", p.issueCode(q))
	} else {
		out.Set("error", "access_denied")
		out.Set("error_description", "The user denied access")
	}
	to := q.Get("redirect_uri")
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	http.Redirect(w, r, to+sep+out.Encode(), http.StatusFound)
}

func (p *Portal) issueCode(q url.Values) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := "na1-" + p.newUUID()
	scopes := strings.Fields(q.Get("scope"))
	for _, s := range strings.Fields(q.Get("optional_scope")) {
		if contains(allScopes, s) && !contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	p.oauth.codes[code] = oauthCode{redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), method: q.Get("code_challenge_method"),
		scopes: scopes, expires: p.nowMS() + codeLife.Milliseconds()}
	return code
}
