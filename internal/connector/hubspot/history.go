package hubspot

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// historySize is the number of inputs of a batch read with history (half of an
// ordinary one).
const historySize = 50

// Version is one value that a property had.
type Version = connector.Version

// History reads the versions of properties, newest first, by record id and
// property. A record that is not there has no entry. The portal keeps a limited
// number of versions (20 for companies, 45 for contacts).
func (c *Client) History(ctx context.Context, object core.Object, ids, properties []string) (map[string]map[string][]Version, error) {
	out := map[string]map[string][]Version{}
	for chunk := range slices.Chunk(ids, historySize) {
		body := wireInputs{Properties: fieldsFor(object, nil), History: properties}
		for _, id := range chunk {
			body.Inputs = append(body.Inputs, wireInput{ID: id})
		}
		var w wireRecords
		_, err := c.call(ctx, request{method: http.MethodPost, path: objectPath(object, "batch", "read"), body: body}, &w)
		if err != nil {
			return nil, err
		}
		for i := range w.Results {
			c.addHistory(out, chunk, &w.Results[i])
		}
	}
	return out, nil
}

// addHistory files a record's history under its id and under the ids asked that
// it absorbed.
func (c *Client) addHistory(out map[string]map[string][]Version, asked []string, w *wireRecord) {
	versions := map[string][]Version{}
	for name, list := range w.History {
		versions[name] = c.versions(list)
	}
	out[string(w.ID)] = versions
	for _, alias := range splitList(w.Properties[mergedIDs]) {
		if slices.Contains(asked, alias) {
			out[alias] = versions
		}
	}
}

func (c *Client) versions(list []wireVersion) []Version {
	app := c.ownApp()
	out := make([]Version, 0, len(list))
	for _, v := range list {
		out = append(out, Version{Value: string(v.Value), At: parseTime(v.Timestamp), Source: v.SourceType, SourceID: string(v.SourceID),
			Own: ownChange(app, v.SourceType, string(v.SourceID)), Calculated: v.SourceType == sourceCalculated})
	}
	slices.SortStableFunc(out, func(a, b Version) int { return b.At.Compare(a.At) })
	return out
}

const (
	sourceIntegration = "INTEGRATION"
	sourceCalculated  = "CALCULATED"
)

// ownChange: only a change by our app's own id is ours; workflows that react to
// it come under other sources.
func ownChange(app, source, sourceID string) bool {
	return app != "" && source == sourceIntegration && sourceID == app
}
