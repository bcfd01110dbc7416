package hubspot

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/internal/core"
)

// TestOPT2_WhoABatchLeavesOutIsAskedAndToldAlone: a batch may be answered in part (207),
// and no answer is no word of HubSpot's.
func TestOPT2_WhoABatchLeavesOutIsAskedAndToldAlone(t *testing.T) {
	row := func(address string) string {
		return fmt.Sprintf(`{"subscriberIdString":%q,"wideStatuses":[{"subscriberIdString":%q,"wideStatusType":"PORTAL_WIDE","status":"UNSUBSCRIBED","timestamp":"2026-01-02T03:04:05Z"}]}`, address, address)
	}
	c, s := scripted(t, func(q seen) *http.Response {
		if strings.Contains(q.path, "/batch/") {
			return respond(207, `{"status":"COMPLETE","results":[`+row("b@x.com")+`],"numErrors":1,"errors":[{"category":"RATE_LIMITS","message":"later"}]}`)
		}
		return respond(200, `{"results":[`+row("a@x.com")+`]}`)
	})
	said, err := c.Consents(t.Context(), []string{"a@x.com", "b@x.com"})
	if err != nil || !said["a@x.com"].Out || !said["b@x.com"].Out {
		t.Errorf("asked: %+v, %v", said, err)
	}
	s.calls = nil
	var ops []core.Op
	for _, a := range []string{"a@x.com", "b@x.com"} {
		ops = append(ops, core.Op{Key: a, Kind: core.OpUnsubscribe, Target: core.Ref{Side: core.HubSpot, Object: core.Contacts}, UniqueField: "email", UniqueValue: a})
	}
	outs, err := c.Write(t.Context(), ops)
	if err != nil || len(outs) != 2 || outs[0].Status != core.Applied || outs[1].Status != core.Applied {
		t.Fatalf("told: %+v, %v", outs, err)
	}
	if len(s.calls) != 2 || !strings.Contains(s.calls[1].path, "a@x.com") {
		t.Errorf("%d calls: %+v", len(s.calls), s.calls)
	}
}
