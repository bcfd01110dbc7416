package cli

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"tandem/internal/config"
)

// vault encrypts what the store keeps secret. What the key before has encrypted is
// read as well, so that the key can be changed.
type vault struct {
	key, before config.Secret
}

func vaultOf(f *config.File) vault { return vault{f.SecretsKey, f.SecretsKeyBefore} }

func noKey() error {
	return &problem{Code: codeSettings, Message: "secrets_key is not set, so a renewed refresh token cannot be kept", Mend: "set secrets_key: ${TANDEM_SECRETS_KEY} in the settings", exit: exitUsage}
}

func anotherKey(place string) error {
	return &problem{Code: codeSettings, Message: "the store's secret " + place + " was encrypted with another secrets_key",
		Mend: "set the secrets_key that was used before, or that as secrets_key_before, or sign in anew with tandem init", exit: exitUsage}
}

// seal encrypts for a place, the names of connection and secret, which are bound to
// the text.
func (v vault) seal(place string, text []byte) ([]byte, error) {
	aead, err := cipherOf(v.key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, text, []byte(place)), nil
}

// open decrypts; old says that the key before was needed.
func (v vault) open(place string, sealed []byte) (text []byte, old bool, err error) {
	for _, key := range []config.Secret{v.key, v.before} {
		aead, err := cipherOf(key)
		if err != nil && !old {
			return nil, false, err
		}
		if err == nil {
			if text, err = aead.Open(nil, nil, sealed, []byte(place)); err == nil {
				return text, old, nil
			}
		}
		old = true
	}
	return nil, false, anotherKey(place)
}

// cipherOf is AES-256-GCM with a random nonce in front, under a key derived from the
// one of the settings.
func cipherOf(secret config.Secret) (cipher.AEAD, error) {
	if secret == "" {
		return nil, noKey()
	}
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, "tandem store secrets", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
