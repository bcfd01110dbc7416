package core

import "fmt"

// Rule is the sync rule of one mapped field (MAP-4 … MAP-7).
type Rule uint8

// The sync rules. The zero value is the original's default.
const (
	// PreferSalesforce lets a value in Salesforce overwrite HubSpot; HubSpot
	// fills Salesforce only where that was never filled (MAP-4, AMB-6).
	PreferSalesforce Rule = iota
	// AlwaysSalesforce never writes to Salesforce, blank or not (MAP-5). Values
	// and clears pass to HubSpot; a blank that was never filled clears nothing.
	AlwaysSalesforce
	// TwoWay lets the side that changed last win, clears included (MAP-6).
	TwoWay
	// DontSync passes nothing (MAP-7).
	DontSync
	// HubSpotOnly is the mirror of AlwaysSalesforce. No setting names it: it is
	// what a mapping to a HubSpot property that nobody can write comes to
	// (MAP-15).
	HubSpotOnly
)

var ruleNames = [...]string{"prefer_salesforce", "always_salesforce", "two_way", "none", "hubspot_only"}

var ruleRequirements = [...]string{"MAP-4", "MAP-5", "MAP-6", "MAP-7", "MAP-15"}

// ParseRule reads a rule as the settings spell it. hubspot_only is refused,
// because it is a consequence and not a choice.
func ParseRule(name string) (Rule, error) {
	for r := PreferSalesforce; r < HubSpotOnly; r++ {
		if ruleNames[r] == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("read sync rule %q: use one of prefer_salesforce, always_salesforce, two_way, none", name)
}

// String is the rule as the settings and every output spell it.
func (r Rule) String() string { return ruleNames[r] }

// Requirement is the id of the requirement that defines the rule.
func (r Rule) Requirement() string { return ruleRequirements[r] }

// MarshalText is String, for JSON and YAML.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is ParseRule, for JSON and YAML.
func (r *Rule) UnmarshalText(text []byte) error {
	parsed, err := ParseRule(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}
