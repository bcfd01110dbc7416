package cli

import (
	"cmp"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// consentWords say a state to a person.
var consentWords = map[core.ConsentState]string{core.OptedOut: "opted out of e-mail", core.Resubscribed: "subscribed again"}

// describeConsent prints the opt-outs of a person's addresses with where they come from.
func (a *app) describeConsent(all []engine.ConsentView) {
	for _, v := range all {
		a.printf("\nConsent of %s: %s", printable(v.Address), cmp.Or(consentWords[v.State], "no opt-out is known"))
		if v.Since != nil {
			a.printf(" since %s", when(*v.Since))
		}
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

func tickWord(ticked bool) string {
	if ticked {
		return "ticked"
	}
	return "clear"
}
