// Package lifecycle is the room of what Salesforce says of people and HubSpot's lifecycle
// stages follow: their roles on opportunities, and how those stand. It may know contact
// roles, opportunities and the links of people. It makes people due of whom there is news
// and says what is known of them; it never decides about a stage and writes to no side.
package lifecycle
