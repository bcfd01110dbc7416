package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// SignatureV1 is the value of X-HubSpot-Signature, version v1: the hex SHA-256
// of secret and raw body (HubSpot, "Validating requests").
func SignatureV1(secret string, body []byte) string {
	return hexSum(secret, string(body))
}

// SignatureV2 is the value of X-HubSpot-Signature, version v2, which workflow
// actions and cards carry: the hex SHA-256 of secret, method, full URI and raw body.
func SignatureV2(secret, method, uri string, body []byte) string {
	return hexSum(secret, method, uri, string(body))
}

// SignatureV3 is the value of X-HubSpot-Signature-v3: the base64 HMAC-SHA-256 of
// method, normalised full URI, raw body and timestamp in milliseconds.
func SignatureV3(secret, method, uri string, body []byte, timestamp int64) string {
	mac := hmac.New(sha256.New, []byte(secret))
	for _, part := range []string{method, NormalizeURI(uri), string(body), strconv.FormatInt(timestamp, 10)} {
		mac.Write([]byte(part))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func hexSum(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// signedPlain are the characters whose escapes a signed URI has decoded; all
// other escapes stay as they are.
const signedPlain = ":/?@!$'()*,;"

var normalizer = func() *strings.Replacer {
	var pairs []string
	for _, c := range []byte(signedPlain) {
		escape := "%" + strings.ToUpper(hex.EncodeToString([]byte{c}))
		pairs = append(pairs, escape, string(c), strings.ToLower(escape), string(c))
	}
	return strings.NewReplacer(pairs...)
}()

// NormalizeURI decodes the escapes that version 3 signatures are made without.
func NormalizeURI(uri string) string { return normalizer.Replace(uri) }
