package salesforce

import (
	"net/http"

	"tandem/internal/connector"
)

// Raw sends a request with the connection's session to the org and gives the
// answer back unjudged: no status becomes an error and no session is renewed.
// The request's URL is a path below the instance with its query. A request that
// brings an Authorization header keeps it; an empty one means no token.
func (c *Client) Raw(req *http.Request) (*http.Response, error) {
	tok, err := c.tokens.get(req.Context())
	if err != nil {
		return nil, err
	}
	out, err := connector.Address(req, tok.instance, tok.access)
	if err != nil {
		return nil, err
	}
	given := out.Header.Clone()
	c.label(out.Header, call{accept: given.Get("Accept")})
	for name, values := range given {
		out.Header[name] = values
	}
	resp, err := c.roundTrip(req.Context(), out)
	if err != nil {
		return nil, c.broken(req.Context(), err)
	}
	return resp, nil
}
