package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a password's digest costs: 19 MiB and two passes, which OWASP's Password Storage
// Cheat Sheet asks for with argon2id.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLength = 32
	saltLength = 16
	hashers    = 2 // passwords hashed at a time
)

// shortest is how many characters a password has at least. There is no other rule: length
// is what counts (NIST SP 800-63B).
const shortest = 12

// hashPassword is the salted digest of a password, in PHC's string format.
func (c *Console) hashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // it never fails
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashPasses,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(c.digest(password, salt, hashMemory, hashPasses)))
}

// isPassword reports that a password is the one of the digest. It takes as long where the
// digest cannot be read, so that nobody learns by the time which accounts there are.
func (c *Console) isPassword(password, kept string) bool {
	memory, passes := uint32(hashMemory), uint32(hashPasses)
	parts := strings.Split(kept, "$")
	readable := len(parts) == 6
	var salt, want []byte
	if readable {
		_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &memory, &passes)
		var bad [2]error
		salt, bad[0] = base64.RawStdEncoding.DecodeString(parts[4])
		want, bad[1] = base64.RawStdEncoding.DecodeString(parts[5])
		readable = err == nil && bad[0] == nil && bad[1] == nil && len(want) == hashLength
	}
	return subtle.ConstantTimeCompare(c.digest(password, salt, memory, passes), want) == 1 && readable
}

func (c *Console) digest(password string, salt []byte, memory, passes uint32) []byte {
	c.hashing <- struct{}{}
	defer func() { <-c.hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, 1, hashLength)
}

// newSecret is a random text of 160 bits that nobody guesses, for links and cookies.
func newSecret() string { return rand.Text() + rand.Text()[:6] }

// keyOf is what the store keeps of a secret.
func keyOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
