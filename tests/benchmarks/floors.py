"""Minimal scripts that do the same work, to compare each command with."""

_BEGIN = """
import json, sys, requests
url = sys.argv[1] + "/rest"
headers = {"Authentication-Token": "benchmark-token", "Content-Type": "application/json"}
session = requests.Session()
def get(path):
    return session.get(url + path, headers=headers, timeout=30).json()["peerInfoList"]
"""
_STOP = """
status = {peer["name"]: peer["status"] for peer in peers}["AP1"]
answer = session.put(url + "/peer/AP1/stop", headers=headers, timeout=30)
print(json.dumps({"name": "AP1", "was": status, "status": answer.status_code, "said": answer.json()}))
"""
_LIST = """
print(json.dumps([
    {"name": peer["name"], "type": peer["type"], "status": peer["status"], "host": peer["hostName"],
     "os": peer["osName"], "version": peer["productVersion"]} for peer in peers]))
"""
_STOP_MANY = """
status = {peer["name"]: peer["status"] for peer in peers}
names = [line.strip() for line in open(sys.argv[2])]
body = json.dumps({"peers": [{"name": name} for name in names]})
answer = session.post(url + "/peer/stop", data=body, headers=headers, timeout=30)
print(json.dumps([{"name": name, "was": status[name], "status": answer.status_code} for name in names]))
"""
_ONE_READ = """
peers = get("/info/peer")
"""
# What `cdpctl` reads too, because `/info/peer` may list only part of the grid and shows no roles.
_BOTH_READS = """
found = {peer["name"]: peer for peer in get("/info/peer")}
for peer in get("/peer"):
    found[peer["name"]] = {**peer, **found.get(peer["name"], {})}
peers = list(found.values())
"""

#: One read and one PUT, and the same with the read of the one peer that `peer stop AP1` makes too.
STOP = _BEGIN + _ONE_READ + _STOP
STOP_SAME_CALLS = _BEGIN + _ONE_READ + 'get("/peer/AP1")\n' + _STOP
#: A list of one read, and of both.
LIST = _BEGIN + _ONE_READ + _LIST
LIST_SAME_CALLS = _BEGIN + _BOTH_READS + _LIST
#: One POST for the names in a file, after one read, and after both.
STOP_MANY = _BEGIN + _ONE_READ + _STOP_MANY
STOP_MANY_SAME_CALLS = _BEGIN + _BOTH_READS + _STOP_MANY
