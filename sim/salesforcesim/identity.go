package salesforcesim

import (
	"net/http"
	"strings"
)

// serveIdentity answers the identity URL and, with the OpenID keys, userinfo.
// Refusals here are plain text, unlike everywhere else.
func (o *Org) serveIdentity(w http.ResponseWriter, r *http.Request, openID bool) {
	token := bearer(r)
	if token == "" {
		http.Error(w, "Missing_OAuth_Token", http.StatusForbidden)
		return
	}
	s := o.auth.use(token)
	if s == nil {
		http.Error(w, "Bad_OAuth_Token", http.StatusForbidden)
		return
	}
	userID := s.userID
	if !openID {
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		if len(parts) != 3 || parts[1] != o.id() && parts[1] != o.id()[:15] {
			http.Error(w, "Wrong_Org", http.StatusForbidden)
			return
		}
		userID = parts[2]
	}
	o.mu.RLock()
	body := o.identity(userID, baseURL(r))
	o.mu.RUnlock()
	if body == nil {
		http.Error(w, "Bad_Id", http.StatusNotFound)
		return
	}
	if openID {
		body["sub"], body["preferred_username"], body["name"], body["zoneinfo"] = body["id"], body["username"], body["display_name"], body["timezone"]
		body["given_name"], body["family_name"] = body["first_name"], body["last_name"]
	}
	writeJSON(w, http.StatusOK, body)
}

func (o *Org) identity(userID, base string) map[string]any {
	u := o.userNamed(userID)
	if u == nil {
		return nil
	}
	get := func(name string) string { return u.named(name).Str() }
	rest := base + "/services/data/v{version}/"
	return map[string]any{
		"id": "https://login.salesforce.com/id/" + o.id() + "/" + u.id, "asserted_user": true, "user_id": u.id, "organization_id": o.id(),
		"username": get("Username"), "nick_name": get("Alias"), "display_name": personNameOf(o, u).Str(), "email": get("Email"), "email_verified": true,
		"first_name": get("FirstName"), "last_name": get("LastName"), "timezone": get("TimeZoneSidKey"), "active": u.named("IsActive").Bool(),
		"photos":    map[string]string{"picture": base + "/services/images/photo/" + u.id, "thumbnail": base + "/services/images/photo/" + u.id + "/T"},
		"user_type": "STANDARD", "language": get("LanguageLocaleKey"), "locale": get("LocaleSidKey"), "utcOffset": -28800000,
		"last_modified_date": seconds(u.modified).Time().Format("2006-01-02T15:04:05Z"), "is_app_installed": true,
		"urls": map[string]string{"rest": rest, "sobjects": rest + "sobjects/", "query": rest + "query/", "search": rest + "search/", "recent": rest + "recent/"},
	}
}

// bearer takes the access token from the header; OAuth is the older scheme
// name that the org still takes.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "OAuth") {
		return strings.TrimSpace(token)
	}
	return ""
}
