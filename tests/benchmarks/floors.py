"""Minimal scripts that do the same work, to compare each command with."""

#: The two calls of `peer stop AP1 -o json`, written without any checks.
STOP = """
import json, sys, requests
url = sys.argv[1]
headers = {"Authentication-Token": "benchmark-token", "Content-Type": "application/json"}
session = requests.Session()
peers = session.get(url + "/rest/info/peer", headers=headers, timeout=30).json()["peerInfoList"]
status = {peer["name"]: peer["status"] for peer in peers}["AP1"]
answer = session.put(url + "/rest/peer/AP1/stop", headers=headers, timeout=30)
print(json.dumps({"name": "AP1", "was": status, "status": answer.status_code, "said": answer.json()}))
"""

#: `peer list -o json`, the same way.
LIST = """
import json, sys, requests
url = sys.argv[1]
headers = {"Authentication-Token": "benchmark-token", "Content-Type": "application/json"}
peers = requests.get(url + "/rest/info/peer", headers=headers, timeout=30).json()["peerInfoList"]
print(json.dumps([
    {"name": peer["name"], "type": peer["type"], "status": peer["status"], "host": peer["hostName"],
     "os": peer["osName"], "version": peer["productVersion"]} for peer in peers]))
"""

#: `peer stop` of a file of names: one POST, without any checks.
STOP_MANY = """
import json, sys, requests
url, path = sys.argv[1], sys.argv[2]
headers = {"Authentication-Token": "benchmark-token", "Content-Type": "application/json"}
session = requests.Session()
peers = session.get(url + "/rest/info/peer", headers=headers, timeout=30).json()["peerInfoList"]
status = {peer["name"]: peer["status"] for peer in peers}
names = [line.strip() for line in open(path)]
body = json.dumps({"peers": [{"name": name} for name in names]})
answer = session.post(url + "/rest/peer/stop", data=body, headers=headers, timeout=30)
print(json.dumps([{"name": name, "was": status[name], "status": answer.status_code} for name in names]))
"""
