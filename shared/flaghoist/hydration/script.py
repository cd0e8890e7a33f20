"""The script that pages carry, from ``bootstrap.js``; written by ``python -m flaghoist_cli.build.hydration_script``."""

SCRIPT = r"""(()=>{var Y=([s,{value:t,reason:e,variation:n,version:i,errorCode:r,errorDetails:o}])=>r?{key:s,errorCode:r,errorDetails:o}:
{key:s,value:t,reason:e,variant:n,metadata:{flagVersion:i}};function C({ofrep:s,flags:t,etag:e},n){if(!s)return;
let i=s.flags??Object.entries(t??{}).map(Y);return{id:n,bulk:{...s,flags:i},etag:e??"",atMs:Date.now(),source:"\
page"}}var d=({bulk:s})=>String(s.metadata?.version??"0-0");function T(s,t){let[e=0,n=0]=s.split("-").map(Number),
[i=0,r=0]=t.split("-").map(Number);return e-i||n-r}var S=(s,t)=>T(d(s),d(t)),U=()=>globalThis.navigator.onLine===
!1;function k(s,t){if(!s||!t)return s??t;let e=S(t,s);return e>0||e===0&&U()?t:s}function x(s,t=!1){let{level:e=0,
age:n=0}=s.bulk.metadata??{};return{version:d(s),level:s.source==="kept"||t||U()?3:e,age:n+Math.max(0,Math.round(
(Date.now()-s.atMs)/1e3)),source:s.source}}function p(s){return Array.isArray(s)?`[${s.map(p).join()}]`:!s||typeof s!="object"?JSON.stringify(s)??"null":
`{${Object.keys(s).sort().map(e=>`${JSON.stringify(e)}:${p(s[e])}`).join()}}`}var Z=[2166136261,2654435761,2246822519,
3266489917],tt=[16777619,2654435761,2246822507,3266489909];function b(s){let t=[...Z];for(let e=0;e<s.length;e++){
let n=s.charCodeAt(e);for(let i=0;i<t.length;i++){let r=Math.imul(t[i]^n,tt[i]);t[i]=r^r>>>15}}return t.map(e=>(e>>>
0).toString(16).padStart(8,"0")).join("")}function P({headers:s},t){return/^bearer (.*)$/i.exec(s.get("Authori\
zation")??"")?.[1].trim()??s.get("X-API-Key")??t.searchParams.get("key")??""}function J(s){try{let t=atob(s.split(
".")[1].replace(/-/g,"+").replace(/_/g,"/"));return JSON.parse(new TextDecoder().decode(Uint8Array.from(t,e=>e.
charCodeAt(0)))).context}catch{return s}}function M(s){let t=s?.targetingKey;return(typeof t=="string"||Number.
isInteger(t))&&String(t)||void 0}var et="flaghoist:events:",st=25e4,I=1e3,H=100,B=16e3,D=5e3,nt=6e4,O=class{constructor(t,e){this.s=t,this.l=e,
this.c=et+b(e),this.t=[],this.r=0,this.o=void 0,this.n=0,this.flush=this.flush.bind(this)}put(t){let e={id:it(),
...t,at:Date.now(),source:"web"};JSON.stringify(e).length>B||(this.t=[...this.t.slice(1-I),e],this.t.length>=H&&
!this.n?this.flush():this.f())}flush(){var t;return this[t="o"]??(this[t]=this.x().finally(()=>this.o=void 0)),
this.o}leave(){for(;this.t.length&&!j();){let t=this.u();if(this.n||globalThis.navigator.onLine===!1||!this.O(
t))return this.w();this.d(t)}}comeBack(){try{let t=this.g();if(!t.length)return;globalThis.localStorage.removeItem(
this.c),this.t=[...t,...this.t].slice(-I),this.f()}catch{}}f(){var t;this.o||this[t="r"]||(this[t]=globalThis.
setTimeout(this.flush,D))}async x(){if(globalThis.clearTimeout(this.r),this.r=0,j())return globalThis.document.
addEventListener("prerenderingchange",this.flush,{once:!0});for(;this.t.length;){let t=this.u(),e=await this.A(
t);if(this.n=e?this.n+1:0,e){this.r=globalThis.setTimeout(this.flush,e);return}this.d(t)}}async A(t){let e=0;try{
let i={"Content-Type":"text/plain;charset=UTF-8"},r=await this.s(this.l,{method:"POST",headers:i,body:V(t),keepalive:!0});
if(r.status!==429&&r.status<500)return 0;e=Number(r.headers.get("Retry-After"))||0}catch{}let n=Math.min(nt,D*
2**this.n)*(.5+Math.random()/2);return Math.max(n,e*1e3)}u(){let t=[],e=0;for(let n of this.t.slice(0,H)){if(e+=
JSON.stringify(n).length,t.length&&e>B)break;t.push(n)}return t}d(t){this.t=this.t.filter(e=>!t.includes(e))}O(t){
try{return globalThis.navigator.sendBeacon(this.l,new Blob([V(t)],{type:"text/plain"}))}catch{return!1}}g(){return JSON.
parse(globalThis.localStorage.getItem(this.c)??"[]")}w(){try{let t=[...this.g(),...this.t].slice(-I);for(;JSON.
stringify(t).length>st;)t=t.slice(Math.ceil(t.length/4));globalThis.localStorage.setItem(this.c,JSON.stringify(
t)),this.t=[]}catch{}}},j=()=>!!globalThis.document.prerendering,V=s=>JSON.stringify({events:s});function it(){
let{crypto:s}=globalThis;if(s.randomUUID)return s.randomUUID();let t=s.getRandomValues(new Uint8Array(16));return Array.
from(t,e=>e.toString(16).padStart(2,"0")).join("")}var R="flaghoist:kept:",rt=8,$=1e6,ot=720*36e5;function w(s){try{let t=globalThis.localStorage.getItem(R+b(s)),
e=parseInt(t,10);if(!(Date.now()-e<ot))return;let{bulk:n,etag:i}=JSON.parse(t.slice(t.indexOf(" ")));return Array.
isArray(n.flags)?{id:s,bulk:n,etag:i,atMs:e,source:"kept"}:void 0}catch{return}}function K({id:s,bulk:t,etag:e,
atMs:n}){try{let i=R+b(s),r=`${n} ${JSON.stringify({bulk:t,etag:e})}`;if(r.length>$)return;at(i,r.length),globalThis.
localStorage.setItem(i,r)}catch{}}function at(s,t){let e=globalThis.localStorage,i=Object.keys(e).filter(o=>o.
startsWith(R)&&o!==s).map(o=>[o,e.getItem(o)??""]);i.sort(([,o],[,a])=>parseInt(a,10)-parseInt(o,10));let r=$-
t;i.forEach(([o,a],c)=>{r-=a.length,(r<0||c>=rt-1)&&e.removeItem(o)})}var A=class{constructor(t,e){this.id=t,this.inlined=e,this.isAway=!1,this.h(void 0)}get current(){return this.p||
this.h(k(this.inlined,w(this.id))),this.p}get version(){return this.current&&d(this.current)}get standing(){return this.
current&&x(this.current,this.isAway)}details(t){return this.current&&this.v.get(t)}keep(t){let e=w(t.id);(!e||
S(t,e)>=0)&&K(t),t.id===this.id&&(!this.current||S(t,this.current)>=0)&&this.h(t)}last(t){return k(t===this.id?
this.inlined:void 0,w(t))}h(t){this.p=t,this.v=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var L="flagConfigEtag",W=/^\d+-\d+$/,v=class{constructor(){this.i=new Map}wanted(t,e){let n=e.searchParams.get(
L),i=this.i.get(t);return W.test(n)&&(!i||T(n,i)>0)&&this.i.set(t,n),this.i.get(t)}shown(t,e){let n=this.i.get(
t);n&&W.test(e)&&T(e,n)>=0&&this.i.delete(t)}};function G(s,t,e){let n=new URL(s.url);if(n.searchParams.get(L)===
e)return;n.searchParams.set(L,e);let{method:i,headers:r,signal:o,mode:a,credentials:c,cache:f,redirect:u,referrer:m,
referrerPolicy:y,keepalive:_}=s;return new Request(n,{method:i,headers:r,body:t,signal:o,mode:a,credentials:c,
cache:f,redirect:u,referrer:m,referrerPolicy:y,keepalive:_})}var E=class{constructor(t,e,n){this.s=t,this.m=e,this.e=n,this.b=new v,this.y=!1,this.version=void 0}async fetch(t,e){
let n=await this.E(t,e);if(!n)return this.s(t,e);let i=this.N(n);if(i)return i;try{let r=await(n.fenced?this.s(
n.fenced):this.s(t,e));return this.b.shown(n.key,r.headers.get("Flaghoist-Version")),await this._(n,r),this.e.
isAway=ct(r.status),this.e.isAway&&this.T(n)||r}catch(r){if(ht(n.signal))throw r;this.e.isAway=!0;let o=this.T(
n);if(o)return o;throw r}}async E(t,e){try{let n=new Request(t instanceof Request?t.clone():t,e),i=new URL(n.url);
if(n.method!=="POST"||i.origin+i.pathname!==this.m)return;let r=await n.text(),o=JSON.parse(r),a=n.headers.get(
"Flaghoist-Context")??o.signedContext,c=a?J(a):o.context??{},f=P(n,i),u=this.b.wanted(f,i);return{id:F(this.m,
f,c),key:f,ifNoneMatch:n.headers.get("If-None-Match")??"",isNewerWanted:!!u,fenced:u&&G(n,r,u),signal:e?.signal??
n.signal}}catch{return}}N(t){let{current:e,id:n,inlined:i}=this.e;if(!(!i||this.y||t.id!==n))return this.y=!0,
t.isNewerWanted?void 0:this.S(e,t)}T(t){let e=this.e.last(t.id);return e&&!X(t,e)?this.S({...e,source:"kept"},
t):void 0}S(t,e){let{version:n,level:i,age:r}=x(t);this.version=n;let o={"Content-Type":"application/json",ETag:t.
etag,"Flaghoist-Version":n,"Flaghoist-Age":String(r),"Flaghoist-Level":String(i)};if(X(e,t))return new Response(
null,{status:304,headers:o});let a={...t.bulk,metadata:{...t.bulk.metadata,level:i,age:r}};return new Response(
JSON.stringify(a),{headers:o})}async _(t,e){let n=e.headers.get("ETag")??"",i={id:t.id,etag:n,atMs:Date.now(),
source:"network"};try{if(e.status===200){let a=JSON.parse(await e.clone().text());if(!Array.isArray(a.flags))return;
this.e.keep({...i,bulk:a}),this.version=d({bulk:a})}let r=e.status===304?this.e.last(t.id):void 0;if(!r||r.etag!==
n)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;this.e.keep({...i,bulk:{...r.bulk,metadata:{...r.bulk.
metadata,age:o}}})}catch{}}},F=(s,t,e)=>p([s,t,e]),X=(s,t)=>!!t.etag&&s.ifNoneMatch.includes(t.etag),ct=s=>s===
429||s>=500,ht=s=>s?.aborted&&s.reason?.name!=="TimeoutError";var lt=5e3,N=class{constructor(t){this.t=t,this.a=new Set}expose(t,e,n,i){let r=M(i),o=p([t,e,n,r]);this.a.has(
o)||(this.a.size>=lt&&this.a.clear(),this.a.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:n,unit:r}))}track(t,e,{
value:n,...i}){let r=Object.fromEntries(Object.entries(i).filter(([,a])=>ft(a))),o=Number.isFinite(n)?n:void 0;
this.t.put({type:"track",name:t,unit:M(e),value:o,attributes:r})}},ft=s=>typeof s=="string"||typeof s=="boolea\
n"||Number.isFinite(s);var q="/ofrep/v1/evaluate/flags",ut="/v1/events";function dt(s){let{key:t="",context:e={},signedContext:n}=s??
{},i=(s?.baseUrl??globalThis.location.origin).replace(/\/+$/,""),r=h=>new URL(i+h,globalThis.document.baseURI).
href,o=globalThis.fetch.bind(globalThis),a=F(r(q),t,e),c=new A(a,s&&C(s,a)),f=new E(o,r(q),c),u=new O(o,`${r(ut)}\
?key=${encodeURIComponent(t)}`),m=new N(u),y=f.fetch.bind(f),_=[["X-API-Key",t],...n?[["Flaghoist-Context",n]]:
[]];return gt(c,u),{payload:s,context:e,baseUrl:i,key:t,fetch:y,providerOptions:{baseUrl:i,fetchImplementation:y,
headers:_,cacheMode:"disabled"},details:h=>c.details(h),value(h,l){let g=c.details(h)?.value;return g!==void 0&&
(l===void 0||typeof g==typeof l)?g:l},standing:()=>c.standing,used(h){let l=c.details(h)?.variant;typeof l=="s\
tring"&&m.expose(h,l,c.version,e)},hook:{after({context:h},{flagKey:l,variant:g,errorCode:Q}){typeof g!="strin\
g"||Q||m.expose(l,g,f.version??c.version,h)}},track:(h,l={})=>m.track(h,e,l),flush:u.flush}}function gt(s,t){let{
document:e}=globalThis;globalThis.addEventListener("pagehide",()=>t.leave()),e.addEventListener("visibilitycha\
nge",()=>e.visibilityState==="hidden"?t.leave():t.comeBack()),globalThis.setTimeout(()=>{s.inlined&&globalThis.
navigator.onLine!==!1&&s.keep(s.inlined),t.comeBack()},0)}var z=globalThis.__FLAGHOIST__;(!globalThis.Flaghoist||
globalThis.Flaghoist.payload!==z)&&(globalThis.Flaghoist=dt(z));})();
"""  # noqa: E501
