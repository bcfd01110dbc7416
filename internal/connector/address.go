package connector

import (
	"fmt"
	"net/http"
	"net/url"
)

// Address is a copy of a request with only a path, as it goes to an origin: with
// the host, and with the token unless the request brings an Authorization header.
// An empty one there means that no token is sent.
func Address(req *http.Request, origin, token string) (*http.Request, error) {
	base, err := url.Parse(origin)
	if err != nil {
		return nil, fmt.Errorf("address request: %q is no origin", origin)
	}
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = base.Scheme, base.Host, base.Host
	switch own, has := out.Header["Authorization"]; {
	case !has:
		out.Header.Set("Authorization", "Bearer "+token)
	case own[0] == "":
		out.Header.Del("Authorization")
	}
	return out, nil
}
