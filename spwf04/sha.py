"""SHA-1 and SHA-256 in Python, for interpreters whose hashlib lacks them: see digest.py.

They are some 300 times slower than hashlib in C. Only a few KB are ever hashed: a certificate
that is installed, or the chain of a server that is asked for it.
"""

from binascii import unhexlify

_MASK = 0xFFFFFFFF
_K = unhexlify(
    b"428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5d807aa9812835b01"
    b"243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174e49b69c1efbe47860fc19dc6240ca1cc"
    b"2de92c6f4a7484aa5cb0a9dc76f988da983e5152a831c66db00327c8bf597fc7c6e00bf3d5a79147"
    b"06ca63511429296727b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85"
    b"a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa07019a4c1161e376c08"
    b"2748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3748f82ee78a5636f84c878148cc70208"
    b"90befffaa4506cebbef9a3f7c67178f2"
)


class _Hash:
    """As hashlib's: update(data), digest()."""

    def __init__(self, start, data):
        self._state = [int.from_bytes(start[at : at + 4], "big") for at in range(0, len(start), 4)]
        self._words = [0] * 16
        self._n = 0
        self.update(data)

    def update(self, data):
        """Hash further bytes."""
        words = self._words
        n = self._n
        for c in data:
            at = n >> 2 & 15
            words[at] = (words[at] << 8 | c) & _MASK
            n += 1
            if not n & 63:
                # defined by the two classes below
                self._block(words, self._state)  # pyright: ignore[reportAttributeAccessIssue]
        self._n = n

    def digest(self):
        """The hash of all bytes. Call it once."""
        n = self._n
        self.update(b"\x80" + bytes((55 - n) % 64))
        self.update((n * 8).to_bytes(8, "big"))
        return b"".join([word.to_bytes(4, "big") for word in self._state])


def _left(word, bits):
    return (word << bits | word >> 32 - bits) & _MASK


class _SHA1(_Hash):
    @staticmethod
    def _block(words, state):
        a, b, c, d, e = state
        for i in range(80):
            at = i & 15
            if i > 15:
                words[at] = _left(
                    words[i - 3 & 15] ^ words[i - 8 & 15] ^ words[i - 14 & 15] ^ words[at], 1
                )
            if i < 20:
                mixed = (b & c | ~b & d) + 0x5A827999
            elif i < 40:
                mixed = (b ^ c ^ d) + 0x6ED9EBA1
            elif i < 60:
                mixed = (b & c | b & d | c & d) + 0x8F1BBCDC
            else:
                mixed = (b ^ c ^ d) + 0xCA62C1D6
            mixed += _left(a, 5) + e + words[at]
            e, d, c, b, a = d, c, _left(b, 30), a, mixed & _MASK
        for i, word in enumerate((a, b, c, d, e)):
            state[i] = (state[i] + word) & _MASK


class _SHA256(_Hash):
    @staticmethod
    def _block(words, state):
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            at = i & 15
            if i > 15:
                low = words[i - 15 & 15]
                high = words[i - 2 & 15]
                low = _left(low, 25) ^ _left(low, 14) ^ low >> 3
                high = _left(high, 15) ^ _left(high, 13) ^ high >> 10
                words[at] = (words[at] + low + words[i - 7 & 15] + high) & _MASK
            h += _left(e, 26) ^ _left(e, 21) ^ _left(e, 7)
            h += (e & f ^ ~e & g) + int.from_bytes(_K[i * 4 : i * 4 + 4], "big") + words[at]
            mixed = h + (_left(a, 30) ^ _left(a, 19) ^ _left(a, 10)) + (a & b ^ a & c ^ b & c)
            h, g, f, e, d, c, b, a = g, f, e, (d + h) & _MASK, c, b, a, mixed & _MASK
        for i, word in enumerate((a, b, c, d, e, f, g, h)):
            state[i] = (state[i] + word) & _MASK


def _sha1(data):
    return _SHA1(unhexlify("67452301efcdab8998badcfe10325476c3d2e1f0"), data)


def _sha256(data):
    start = "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"
    return _SHA256(unhexlify(start), data)


algorithms = {"sha1": _sha1, "sha256": _sha256}  # by name: function(data)
