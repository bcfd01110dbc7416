package simtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"tandem/internal/config"
	"tandem/internal/connector/hubspot"
	"tandem/internal/core"
)

// TestLIM1_LIM14_APriceOfHubSpotIsHeardByEachFeed while the polls are a day away: of a line
// item and of its product.
func TestLIM1_LIM14_APriceOfHubSpotIsHeardByEachFeed(t *testing.T) {
	for feed, webhooks := range map[string]bool{"journal": false, "webhooks": true} {
		t.Run(feed, func(t *testing.T) {
			s := newSale(t, eventsOf("Opportunity", "Product2", "OpportunityLineItem"), Settings(func(c *config.Connection) {
				if webhooks {
					c.HubSpot.Events = config.HubSpotEvents{Webhooks: &config.Webhooks{PublicURL: "https://tandem.example", AppID: "1", ClientSecret: "s"}}
				}
			}))
			id := s.line("3")
			s.again()
			mate := s.wantMateOf(core.LineItemPair, id)
			s.serving()
			if webhooks {
				s.pushed()
			} else {
				s.eventually(func() bool { return s.hasPosition(core.HubSpot) })
				s.stop()
				s.Restart() // at its first start a feed is covered by more polls
				s.serving()
			}
			for _, price := range []string{"6", "5"} { // the first may come by the poll at the start
				s.change(core.LineItems, mate, "price", price)
				s.shows("the UnitPrice", func() string { return s.shown(core.LineItem, id, "UnitPrice") }, price)
				s.change(core.Products, s.productMate, "price", "1"+price)
				entry := s.priceIn(s.product, s.standardBook())
				s.shows("the price in the book", func() string { return s.shown(core.PriceBookEntry, entry, "UnitPrice") }, "1"+price)
			}
			s.shows("the amount of the deal", func() string { return s.shown(core.Deals, s.dealMate, "amount") }, "15")
			s.stop()
		})
	}
}

// pushed has the portal push its webhooks to the engine, which takes what is signed, until the
// test ends.
func (w *World) pushed() {
	w.T.Helper()
	info := w.Portal.Info()
	hook := hubspot.Webhook{ClientSecret: info.ClientSecret, PortalID: info.PortalID, AppID: fmt.Sprint(info.AppID), Objects: w.settings.FollowedObjects(core.HubSpot)}
	var target *httptest.Server
	target = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		events, err := hook.Parse(r.Method, target.URL+r.URL.RequestURI(), r.Header, body, w.Now())
		if err != nil {
			w.T.Errorf("a delivery is refused: %v", err)
		} else if err = w.Engine.CaptureWebhooks(r.Context(), w.Conn, events); err == nil {
			return
		}
		rw.WriteHeader(http.StatusInternalServerError)
	}))
	w.T.Cleanup(target.Close)
	w.Portal.Subscribe(target.URL+"/hook", "", 0)
}
