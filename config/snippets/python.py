import json, subprocess, urllib.request
token = subprocess.run({TOKEN}, check=True, capture_output=True, text=True).stdout.strip()
text = {"notificationTitle": "Canteen closed", "notificationBody": "Please use the one in building 3 today."}
url = "{BASE}/beta/deviceManagement/managedDevices/{DEVICE}/sendCustomNotificationToCompanyPortal"
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
print(urllib.request.urlopen(urllib.request.Request(url, json.dumps(text).encode(), headers)).status)
