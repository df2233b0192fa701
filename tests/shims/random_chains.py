"""Random chains with a bit of everything, good and bad.

A seed always gives the same chains, with other keys.
"""

import random
import ssl

from cryptography.hazmat.primitives.asymmetric import ec

from tests.shims.shapes import DAY, Node, Shape, der, ecc, rsa_key

_KEYS = {
    "P-256": lambda n: ecc(),
    "P-384": lambda n: ecc(ec.SECP384R1),
    "RSA": rsa_key,
    "RSA-4096": lambda n: rsa_key(0, 4096),
}
_FAMILIES = (["P-256", "P-256", "P-384"], ["RSA"] * 8 + ["RSA-4096"], list(_KEYS))


class Maker:
    """One chain; make() returns its Shape, of which .module has no meaning."""

    def __init__(self, seed):
        self._chance = random.Random(seed)
        self._name = f"h{seed}.random.example"
        self._family = self._chance.choice(_FAMILIES[:1] * 3 + _FAMILIES[1:2] * 2 + _FAMILIES[2:])

    def _one_in(self, n):
        return self._chance.random() < 1 / n

    def _key(self):
        return _KEYS[self._chance.choice(self._family)](self._chance.randrange(4))

    def _common(self):
        made = {"ski": not self._one_in(20), "aki": not self._one_in(20)}
        if self._one_in(30):
            made.update(start=-90 * DAY, end=-DAY)
        elif self._one_in(50):
            made.update(start=9 * DAY)
        return made

    def _issuer(self, n, above):
        more = self._common()
        if self._one_in(20):
            more["path"] = 0
        if self._one_in(30):
            more["ca"] = False
        if self._one_in(30):
            more["constraints"] = False
        if self._one_in(30):
            is_ec = isinstance(above.key, ec.EllipticCurvePrivateKey)
            more["signer"] = ecc() if is_ec else rsa_key(3)
        node = Node(f"Issuer {n} of {self._name}", above, self._key(), **more)
        node.proper = "ca" not in more and "constraints" not in more
        return node

    def _leaf(self, above):
        hosts = [self._name]
        if self._one_in(10):
            hosts = ["*.random.example"]
        elif self._one_in(10):
            hosts = ["other.example"]
        more = self._common()
        if self._one_in(20):
            more["pad"] = self._chance.choice([500, 1700, 2600])
        # the module takes the common name too: it must be among the alternative names
        subject = "other.example" if hosts == ["other.example"] else self._name
        return Node(subject, above, self._key(), hosts, **more)

    def _sent(self, nodes, root):
        sent = list(nodes)
        if self._one_in(7):
            sent.append(root)
        if self._one_in(10):
            # a key of the root's kind: what the module does with another is not known
            key = ecc() if isinstance(root.key, ec.EllipticCurvePrivateKey) else rsa_key(3)
            sent.append(Node("Nobody asked for this one", key=key))
        if sent and self._one_in(10):
            sent.append(self._chance.choice(sent))
        if sent and self._one_in(10):
            sent.pop(self._chance.randrange(len(sent)))
        if self._one_in(5):
            self._chance.shuffle(sent)
        return sent

    def make(self):
        """Make the chain."""
        root = above = Node("Root of " + self._name, key=self._key(), **self._common())
        nodes = []
        for n in range(self._chance.choice([0, 1, 1, 1, 2, 3])):
            above = self._issuer(n, above)
            nodes.insert(0, above)
        leaf = self._leaf(above)
        chain = [node.cert for node in [leaf, *self._sent(nodes, root)]]
        if self._one_in(20):
            n = self._chance.randrange(len(chain))
            damaged = bytearray(der(chain[n]))
            damaged[-1] ^= 1
            chain[n] = bytes(damaged)
        trusted = [Node("Somebody honest")] if self._one_in(10) else [root]
        proper = [node for node in nodes if node.proper]
        if proper and self._one_in(10):
            trusted.append(self._chance.choice(proper))
        return Shape(self._name, chain, leaf.key, [node.cert for node in trusted])


def pem(shape):
    """The roots of a Shape in PEM."""
    return "".join(ssl.DER_cert_to_PEM_cert(data) for data in shape.root_ders())
