package cli

import (
	"fmt"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// consentWords say a state to a person, with the time of the opt-out.
var consentWords = map[core.ConsentState]string{core.OptedOut: "opted out of e-mail since %s at the latest", core.Resubscribed: "subscribed again, after an opt-out of %s"}

// describeConsent prints the opt-outs of a person's addresses with where they come from.
func (a *app) describeConsent(all []engine.ConsentView) {
	for _, v := range all {
		a.printf("\nConsent of %s: %s", printable(v.Address), consentText(v))
		if v.Origin != "" {
			a.printf(", met on %s", v.Origin)
		}
		a.printf("\n  Salesforce box %s, HubSpot property %s", tickWord(v.Salesforce), tickWord(v.HubSpot))
		if v.Known != nil {
			a.printf(", known to HubSpot since %s", when(*v.Known))
		}
		if v.Back != nil {
			a.printf("\n  Taken back in HubSpot %s: %s%s", when(*v.Back), printable(v.Source), orPrefix(", legal basis ", printable(v.Basis)))
		}
		a.printf("\n  %s%s\n", ruleText(v.Rule.Rule), orPrefix(": ", v.Rule.Facts["because"]))
	}
}

// consentText is the state of an address with the time of its opt-out.
func consentText(v engine.ConsentView) string {
	words, known := consentWords[v.State]
	if !known {
		return "no opt-out is known"
	}
	since := "an unknown time"
	if v.Since != nil {
		since = when(*v.Since)
	}
	return fmt.Sprintf(words, since)
}

func tickWord(ticked bool) string {
	if ticked {
		return "ticked"
	}
	return "clear"
}
