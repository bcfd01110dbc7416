package hubspot

import (
	"maps"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestWebhooksPassTheClientsSignatureCheck(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var accepted map[string]bool
	w.run("webhooks.mjs", &accepted)
	if want := map[string]bool{"v1": true, "v2": true, "v3": true, "forged": false}; !maps.Equal(accepted, want) {
		t.Errorf("signatures accepted: %v, want %v", accepted, want)
	}
}
