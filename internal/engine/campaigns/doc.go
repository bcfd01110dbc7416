// Package campaigns is the room of Salesforce's campaigns: which there are, and who is a
// member of them. It may know campaigns, their members and the links of people. It makes
// people due of whom there is news; it decides about no membership and writes none.
package campaigns
