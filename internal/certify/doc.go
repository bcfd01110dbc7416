// Package certify judges what Tandem relies on in both APIs by the wire alone:
// status, headers, JSON shapes, codes, order and time of answers. It knows
// nothing of the connectors' decoding, so a difference it names is one of the
// service. It reads; only when told to it also makes marked records, which it
// removes again. What it reports holds no value of an org or a portal.
package certify
