package config

import "tandem/internal/core"

// Allocated are the calls of each side in 24 hours that are Tandem's, as a version of the
// settings has them; 0 leaves that to the settings file.
type Allocated struct {
	Salesforce int `yaml:"salesforce,omitempty"`
	HubSpot    int `yaml:"hubspot,omitempty"`
}

// AllocatedCalls are the calls of a side in 24 hours that are Tandem's, 0 for no limit (API-1).
func (c *Connection) AllocatedCalls(side core.Side) int {
	given := [2]int{c.Allocated.Salesforce, c.Allocated.HubSpot}[side]
	if given == 0 {
		given = [2]int{c.Salesforce.DailyAPICalls, c.HubSpot.DailyAPICalls}[side]
	}
	return given
}

func (c *Connection) checkAllocated(at finder) error {
	for i, calls := range [2]int{c.Allocated.Salesforce, c.Allocated.HubSpot} {
		if calls < 0 {
			return at.refuse(".allocated_calls."+core.Sides[i].String(), "a number of calls is not negative", "write how many calls in 24 hours are Tandem's, or leave it out")
		}
	}
	return nil
}
