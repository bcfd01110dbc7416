package hubspot

import (
	"net/http"
	"strings"

	"tandem/internal/connector"
)

// Raw sends a request with the connection's token to the portal and gives the
// answer back unjudged: no status becomes an error and no token is renewed for
// it. The request's URL is a path below the base URL with its query. A request
// that brings an Authorization header keeps it; an empty one means no token. A
// path of the webhooks journal goes with the app's own token.
func (c *Client) Raw(req *http.Request) (*http.Response, error) {
	tokens := c.tokens
	if strings.HasPrefix(req.URL.Path, journalRoot) && c.journal != nil {
		tokens = c.journal
	}
	token, err := tokens.get(req.Context(), "")
	if err != nil {
		return nil, err
	}
	out, err := connector.Address(req, c.base.String(), token)
	if err != nil {
		return nil, err
	}
	out.URL.Path = c.base.Path + out.URL.Path
	resp, err := c.http.Do(out)
	if err != nil {
		return nil, c.failed(err)
	}
	c.observe(resp.Header)
	return resp, nil
}
