//! Access tokens: RS256 JWTs of one hour (RFC 7519, RFC 8725), each bound to an API key of this workspace.

use crate::error::Error;
use crate::store::api_keys::{self, ApiKey};
use crate::store::{Door, Store, Who, meta};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a token lasts, in seconds.
pub(crate) const LIFETIME: i64 = 3600;
/// Clock difference that is overlooked, in seconds.
const LEEWAY: i64 = 5;
const ISSUER: &str = "amtia-desktop";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    /// Ours have none; one that has it is not valid before (RFC 7519, 4.1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    /// Which of the key's secrets it was had for.
    #[serde(rename = "gen")]
    generation: i64,
}

struct Pair {
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// A token whose signature was verified: whose it is, how long, and the key as it stood at a version of the store.
#[derive(Clone)]
struct Verified {
    token: Arc<str>,
    key: Arc<ApiKey>,
    exp: i64,
    generation: i64,
    version: u64,
}

/// The signing key, loaded once, and tokens verified before. A key is read again after any change of the store, so that
/// a revocation counts at once.
#[derive(Default)]
pub(crate) struct Tokens {
    pair: Mutex<Option<Arc<Pair>>>,
    /// By the end of the token, which is the end of a signature; the whole token is then compared.
    verified: Mutex<HashMap<String, Verified>>,
}

/// Of a token that is long, enough to tell it from others.
fn tail(token: &str) -> &str {
    token.get(token.len().saturating_sub(32)..).unwrap_or(token)
}

impl Tokens {
    /// A token for a key.
    pub(crate) async fn issue(&self, store: &Store, workspace: &str, key: &ApiKey, now: Timestamp) -> Result<String, Error> {
        let pair = match self.loaded(store)? {
            Some(pair) => pair,
            None => {
                // Making an RSA key takes a while: not on the writer's thread.
                let made = tokio::task::spawn_blocking(|| KeyPair::generate(KeySize::Rsa2048))
                    .await
                    .map_err(Error::internal)?
                    .map_err(Error::internal)?;
                let document = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&made).map_err(Error::internal)?.as_ref().to_vec();
                let who = Who { actor: key.name.clone(), door: Door::Api };
                store
                    .write(who, move |tx| {
                        if meta::token_key(tx.connection)?.is_none() {
                            meta::set_token_key(tx.connection, &document)?;
                        }
                        Ok(())
                    })
                    .await?;
                self.loaded(store)?.ok_or_else(|| Error::internal("the signing key was not kept"))?
            }
        };
        let iat = now.as_second();
        let jti = crate::ids::new(now);
        let claims = Claims {
            iss: ISSUER.into(),
            aud: workspace.to_owned(),
            sub: key.id.clone(),
            iat,
            exp: iat + LIFETIME,
            nbf: None,
            jti,
            generation: key.generation,
        };
        let header = Header { kid: Some(pair.kid.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &pair.signing).map_err(Error::internal)
    }

    fn loaded(&self, store: &Store) -> Result<Option<Arc<Pair>>, Error> {
        let mut slot = self.pair.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pair) = slot.as_ref() {
            return Ok(Some(Arc::clone(pair)));
        }
        let Some(document) = store.read(meta::token_key)? else { return Ok(None) };
        let parsed = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&document).map_err(Error::internal)?;
        let public = aws_lc_rs::signature::KeyPair::public_key(&parsed);
        let kid = crate::crypto::hex(&crate::crypto::sha256(&[public.as_ref()])[..8]);
        let signing = encoding_key(&document)?;
        let verifying = DecodingKey::from_rsa_der(public.as_ref());
        let pair = Arc::new(Pair { kid, signing, verifying });
        *slot = Some(Arc::clone(&pair));
        Ok(Some(pair))
    }

    /// The live key that a token stands for.
    ///
    /// # Errors
    /// 401 for anything but a valid token of a live key.
    pub(crate) fn check(&self, store: &Store, workspace: &str, token: &str, now: Timestamp) -> Result<Arc<ApiKey>, Error> {
        let refused = || Error::Unauthorized("Invalid or expired authentication token.".into());
        let seen =
            self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(tail(token)).filter(|seen| *seen.token == *token).cloned();
        let version = store.version();
        if let Some(mut verified) = seen {
            if verified.version != version {
                verified.key = Arc::new(store.read(|connection| api_keys::find(connection, &verified.key.id))?.ok_or_else(refused)?);
                verified.version = version;
                self.remember(verified.clone());
            }
            let current = verified.key.generation == verified.generation && verified.key.is_live(now);
            return if now.as_second() < verified.exp + LEEWAY && current { Ok(verified.key) } else { Err(refused()) };
        }
        let pair = self.loaded(store)?.ok_or_else(refused)?;
        let header = strict_header(token).ok_or_else(refused)?;
        if header.kid.as_deref() != Some(pair.kid.as_str()) {
            return Err(refused());
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[workspace]);
        validation.required_spec_claims = ["exp", "iss", "aud", "sub"].into_iter().map(str::to_owned).collect::<HashSet<_>>();
        // Time is judged below, by this workspace's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &pair.verifying, &validation).map_err(|_| refused())?.claims;
        let second = now.as_second();
        let lasts = claims.exp.saturating_sub(claims.iat);
        let early = claims.iat.max(claims.nbf.unwrap_or(claims.iat)) > second + LEEWAY;
        if second >= claims.exp.saturating_add(LEEWAY) || early || lasts > LIFETIME || claims.jti.is_empty() {
            return Err(refused());
        }
        let key = store.read(|connection| api_keys::find(connection, &claims.sub))?.filter(|key| key.is_live(now)).ok_or_else(refused)?;
        if key.generation != claims.generation {
            return Err(refused());
        }
        let key = Arc::new(key);
        self.remember(Verified { token: token.into(), key: Arc::clone(&key), exp: claims.exp, generation: claims.generation, version });
        Ok(key)
    }

    fn remember(&self, verified: Verified) {
        let mut all = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= 1024 {
            all.clear();
        }
        all.insert(tail(&verified.token).to_owned(), verified);
    }
}

fn encoding_key(pkcs8: &[u8]) -> Result<EncodingKey, Error> {
    // jsonwebtoken takes PKCS #8 as PEM and PKCS #1 as DER; PEM of the former says what it is.
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(pkcs8);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).map_err(Error::internal)?);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(Error::internal)
}

/// The header, if it is one of ours: RS256, a `kid`, and nothing that would name another key or extension
/// (`jku`, `jwk`, `x5u`, `x5c`, `crit`: RFC 8725 section 3).
fn strict_header(token: &str) -> Option<Header> {
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&raw).ok()?;
    if fields.keys().any(|field| !["alg", "kid", "typ"].contains(&field.as_str())) {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    (header.alg == Algorithm::RS256).then_some(header)
}
