package config

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/expr-lang/expr/parser"

	"tandem/internal/core"
)

// check refuses settings of what syncs and how.
func (c *Connection) check(at finder) error {
	for _, check := range []func(finder) error{c.checkPace, c.checkAllocated, c.checkZone, c.checkCompanies, c.checkContacts, c.checkInclusions, c.checkDeals, c.checkTickets, c.checkProducts, c.checkLineItems, c.checkCustom, c.checkActivities, c.checkTimeline, c.checkOwners, c.checkLifecycle, c.checkCampaigns, c.checkMappings} {
		if err := check(at); err != nil {
			return err
		}
	}
	return nil
}

// leastPoll is the shortest period of a poll: Salesforce stamps whole seconds, and
// HubSpot's search runs seconds behind.
const leastPoll = time.Second

func (c *Connection) checkPace(at finder) error {
	if c.Retry.StopAtShare <= 0 || c.Retry.StopAtShare > 1 {
		return at.refuse(".retry.stop_at_share", "a share is above 0 and at most 1", "0.75 is the default")
	}
	if c.PollEvery.D() < leastPoll {
		return at.refuse(".poll_every", "asking this often would burn calls and find nothing sooner", "write 1s or more; 1m is the default, and change feeds are faster than any poll")
	}
	if err := c.Brakes.check(at.under(".brakes")); err != nil {
		return err
	}
	return oneOf(at, ".profile", string(c.Profile), string(Classic), string(Tandem))
}

func (b *Brakes) check(at finder) error {
	for _, brake := range []struct {
		key   string
		limit BrakeLimit
		usual core.BrakeLimits
	}{{".deletes", b.Deletes, core.DefaultBrakeLimits}, {".changed", b.Changed, core.DefaultChangedLimits}, {".scope", b.Scope, core.DefaultScopeLimits}} {
		if err := brake.limit.check(at.under(brake.key), brake.usual); err != nil {
			return err
		}
	}
	return nil
}

func (b BrakeLimit) check(at finder, usual core.BrakeLimits) error {
	switch {
	case b.AtLeast < 0:
		return at.refuse(".at_least", "a number of records is not negative", fmt.Sprintf("%d is the default", usual.AtLeast))
	case b.Share < 0 || b.Share > 1:
		return at.refuse(".share", "a share is between 0 and 1", fmt.Sprintf("%g is the default", usual.Share))
	}
	return nil
}

func (c *Connection) checkCompanies(at finder) error {
	at = at.under(".companies")
	co := &c.Companies
	if err := co.Matching().check(at, companyKeys); err != nil {
		return err
	}
	if err := oneOf(at, ".when_salesforce_deleted", co.WhenSalesforceDeleted, deletions...); err != nil {
		return err
	}
	if err := oneOf(at, ".when_hubspot_deleted", co.WhenHubSpotDeleted, deletions...); err != nil {
		return err
	}
	if err := co.checkCreate(at); err != nil {
		return err
	}
	return co.Filter.check(at)
}

func (c *Companies) checkCreate(at finder) error {
	words := []string{"classic", "always", "never"}
	if slices.Contains(words, c.CreateAccount) {
		return nil
	}
	err := checkExpression(at, ".create_account", c.CreateAccount, "write classic, always, never or an expression over the company's properties")
	var e *Error
	if errors.As(err, &e) {
		e.Choices, e.Others = words, true
	}
	return err
}

func (f *Filter) check(at finder) error {
	if err := checkExpression(at, ".filter.from_salesforce", f.FromSalesforce, exampleFilter); err != nil {
		return err
	}
	return checkExpression(at, ".filter.from_hubspot", f.FromHubSpot, exampleFilter)
}

const exampleFilter = `write an expression over the fields of that side, such as country == "Denmark"`

// checkExpression finds mistakes of spelling; whether the fields exist is known
// only when both sides are reached.
func checkExpression(at finder, key, text, mend string) error {
	if text == "" {
		return nil
	}
	if _, err := parser.Parse(text); err != nil {
		return at.refuse(key, "the expression does not read: "+firstLine(err.Error()), mend)
	}
	return nil
}

func (c *Connection) checkOwners(at finder) error {
	at = at.under(".owners")
	if err := oneOf(at, ".match", c.Owners.Match, MatchNameAndEmail, MatchStrict); err != nil {
		return err
	}
	for _, user := range sortedKeys(c.Owners.Map) {
		if user == "" || c.Owners.Map[user] == "" {
			return at.refuse(".map", "a pair of owners has two ends, and one is missing", "write the Salesforce user or queue, then the HubSpot owner, each by e-mail address or id in quotes")
		}
	}
	return nil
}
