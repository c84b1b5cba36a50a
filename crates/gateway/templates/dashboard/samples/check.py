import hashlib, hmac, os

# body: the bytes as they came, before any parser
def is_genuine(body: bytes, signature: str) -> bool:
    key = os.environ["LOCKGATE_API_KEY"].encode()
    right = hmac.new(key, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, signature)
