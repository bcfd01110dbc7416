package engine

import (
	"encoding/json"
	"fmt"

	"tandem/internal/core"
	"tandem/internal/store"
)

// StageNames are what Salesforce calls the stages that are paired, by HubSpot's ids of them,
// as the last sync of a connection left them: the ids say nothing to people.
func StageNames(tx *store.Tx, conn int64) (map[string]string, error) {
	out := map[string]string{}
	for _, p := range []core.Pair{core.DealPair, core.TicketPair} {
		cur, known, err := tx.Cursor(conn, core.HubSpot, pipelinesOf(p))
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		var links []core.PipelineLink
		if err := json.Unmarshal([]byte(cur.Value), &links); err != nil {
			return nil, fmt.Errorf("read the pipelines of %s: %w", p, err)
		}
		for _, l := range links {
			for _, s := range l.Stages {
				out[s.HubSpot] = s.Salesforce
			}
		}
	}
	return out, nil
}
